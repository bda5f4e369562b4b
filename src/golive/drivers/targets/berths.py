"""Which instance has which port: one small file each, so that every command finds them again.

    environments/ENV/instances/NAME.json    {"port", "digest", "settings"}

The name of an instance says its revision and index (`web-3f2a91c04b7d-0`); it is also the name of its program
under the supervisor, and of its log.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from golive.release.revision import Revision

NAME = re.compile(r"web-(?P<revision>[0-9a-f]{12}(?:-[0-9a-f]{6})?)-(?P<index>\d{1,4})")


@dataclass(frozen=True, kw_only=True)
class Named:
    """An instance, as its name tells."""

    name: str
    revision: str  # Revision.name
    index: int


def name_of(revision: Revision, index: int) -> str:
    return f"web-{revision.name}-{index}"


def named(name: str) -> Named | None:
    """What the name of a program says; None when it is no instance of the service."""
    found = NAME.fullmatch(name)
    return Named(name=name, revision=found["revision"], index=int(found["index"])) if found else None


@dataclass(frozen=True)
class Berths:
    """The files of one environment; `environments` is the folder that holds all of them."""

    environments: Path
    environment: str

    def port(self, name: str) -> int | None:
        """The port that the instance was given, or None."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return int(json.loads(self._file(name).read_bytes())["port"])
        return None

    def give(self, name: str, revision: Revision, port: int) -> None:
        """Remember it, before the instance starts."""
        content = {"port": port, "digest": revision.digest, "settings": revision.settings}
        self._file(name).parent.mkdir(parents=True, exist_ok=True)
        new = self._file(name).with_suffix(".new")
        new.write_text(json.dumps(content), encoding="ascii")
        new.replace(self._file(name))

    def forget(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def forget_all_but(self, names: Set[str]) -> None:
        for file in self._file("x").parent.glob("*.json"):
            if file.stem not in names:
                file.unlink(missing_ok=True)

    def taken(self) -> frozenset[int]:
        """Ports of every environment, so that two of them do not choose the same."""
        return frozenset(self._ports())

    def _ports(self) -> Iterator[int]:
        for file in self.environments.glob("*/instances/*.json"):
            port = Berths(self.environments, file.parents[1].name).port(file.stem)
            if port:
                yield port

    def _file(self, name: str) -> Path:
        return self.environments / self.environment / "instances" / f"{name}.json"
