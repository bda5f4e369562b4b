"""The folder that Envoy watches: whole files, moved into place, each with a version that only rises.

Envoy re-reads when a file is *moved* into the folder. It never sees a half-written file, and neither does
the next start after a power cut: content is fsynced before the move, the folder after it.
"""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive.drivers.routers.envoy_config import Message, endpoints_file
from golive.errors import Failure

PORT_FILE = "port"
LOG_FILE = "envoy.log"


@dataclass(frozen=True)
class Files:
    """One environment's files. Only its owner may enter the folder."""

    folder: Path

    def make(self) -> None:
        """The folder exists, for us alone."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def put(self, name: str, resources: Sequence[Message]) -> str:
        """Move a new version into place and return it.

        Versions are milliseconds since 1970, or the previous one plus one: they rise even when the file was
        lost or torn in between, so a version that Envoy reports is never an older one of the same name.
        """
        version = str(max(time.time_ns() // 1_000_000, self._version(name) + 1))
        self.write(name, {"version_info": version, "resources": list(resources)})
        return version

    def write(self, name: str, content: Message) -> None:
        """Replace a file durably and in one move."""
        partial = self.folder / f".{name}.json.tmp"
        try:
            with partial.open("w", encoding="utf-8") as file:
                json.dump(content, file)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path(name))
            _fsync_folder(self.folder)
        except OSError as error:
            raise Failure(
                where=str(self.path(name)),
                what="the front door's configuration cannot be written",
                why=str(error.strerror or error),
                next="free some space or mend the folder's rights, then run the command again",
            ) from error

    def resources(self, name: str) -> list[Message] | None:
        """What the file holds; None when it is absent or not what `put` writes."""
        content = self._read(name)
        resources = content.get("resources")
        return resources if isinstance(resources, list) else None

    def version(self, name: str) -> str:
        """The file's version, "" when there is none."""
        version = self._version(name)
        return str(version) if version else ""

    def remove_endpoints(self, name: str) -> None:
        self.path(endpoints_file(name)).unlink(missing_ok=True)

    def clear(self) -> None:
        """No configuration is left, torn pieces included; the chosen port and the log stay."""
        for pattern in ("*.json", ".*.json.tmp"):
            for path in self.folder.glob(pattern):
                path.unlink(missing_ok=True)

    def kept_port(self) -> int | None:
        """The port that was chosen earlier."""
        try:
            return int((self.folder / PORT_FILE).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def keep_port(self, port: int) -> None:
        (self.folder / PORT_FILE).write_text(f"{port}\n", encoding="ascii")

    def last_rejection(self) -> str:
        """The newest line of Envoy's log that tells why it refused something, "" when there is none."""
        try:
            with (self.folder / LOG_FILE).open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - 64 * 1024))
                lines = log.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        said = [line for line in lines if "rejected" in line or "rror" in line or "critical" in line]
        return said[-1] if said else ""

    def _version(self, name: str) -> int:
        version = self._read(name).get("version_info")
        return int(version) if isinstance(version, str) and version.isdecimal() else 0

    def _read(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads(self.path(name).read_bytes())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
