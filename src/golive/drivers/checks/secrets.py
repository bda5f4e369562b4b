"""Secrets: each can be read where it is said to be, and none stands in the repository."""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from golive.evidence.claim import Exercised
from golive.evidence.redaction import Redactor
from golive.spec.values import SecretRef

MOST_BYTES = 4 * 1024 * 1024  # of one file; larger ones are data
MOST_SHOWN = 5
GIT_SECONDS = 30
PLANTED = b"aws_access_key_id = AKIA" + b"QYLPMN5HFZEXAMPL" + b"\n"  # looks like one, opens nothing


@dataclass(frozen=True, kw_only=True)
class SecretsResolvable:
    """Reads every secret, and forgets it."""

    root: Path
    environ: Mapping[str, str]
    refs: Mapping[str, SecretRef]
    claim: str = "secrets-resolvable"

    async def exercise(self) -> Exercised:
        missing = [fault for name, ref in self.refs.items() if (fault := self._fault(name, ref))]
        if missing:
            return Exercised(answer="refuted", because="; ".join(missing), next="set it, then golive ready again")
        if not self.refs:
            return Exercised(answer="proven", because="the specification names no secret")
        return Exercised(answer="proven", because=f"{len(self.refs)} secrets can be read")

    async def control(self, scratch: str) -> Exercised:
        nowhere = SecretRef(source="file", name="there/is/no/such/file")
        return await replace(self, root=Path(scratch), refs={"PLANTED": nowhere}).exercise()

    def _fault(self, name: str, ref: SecretRef) -> str:
        if ref.source == "env":
            return "" if self.environ.get(ref.name) else f"{name}: the variable {ref.name} is not set"
        path = self.root / ref.name
        try:
            empty = not path.read_bytes().strip()
            mode = path.stat().st_mode & 0o077
        except OSError as error:
            return f"{name}: {ref.name}: {error.strerror}"
        if mode:
            return f"{name}: {ref.name} may be read by others; chmod 600 {ref.name}"
        return f"{name}: {ref.name} is empty" if empty else ""


@dataclass(frozen=True, kw_only=True)
class SecretsNotInRepository:
    """Searches every file that git knows for the values of secrets, and for what looks like one."""

    root: Path
    secrets: Mapping[str, str]
    claim: str = "secrets-not-in-repository"

    async def exercise(self) -> Exercised:
        files = list(_known_to_git(self.root))
        if not files:
            return Exercised(answer="nothing", because="git knows no file here", next="git init, git add")
        found = [f"{path}: {', '.join(sorted(hits))}" for path in files if (hits := self._hits(path))]
        if found:
            more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
            return Exercised(
                answer="refuted",
                because="; ".join(found[:MOST_SHOWN]) + more,
                next="take it out of the file and its history, and change the secret: it is known now",
            )
        return Exercised(answer="proven", because=f"{len(files)} files searched")

    async def control(self, scratch: str) -> Exercised:
        _plant(Path(scratch))
        return await replace(self, root=Path(scratch)).exercise()

    def _hits(self, path: Path) -> set[str]:
        try:
            with (self.root / path).open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError:
            return set()
        if len(content) > MOST_BYTES or b"\0" in content[:1024]:
            return set()
        redactor = Redactor(self.secrets)
        redactor.feed(content)
        redactor.flush()
        return set(redactor.hits)


def _plant(place: Path) -> None:
    (place / "settings.ini").write_bytes(PLANTED)
    subprocess.run(["git", "init", "-q", str(place)], check=False, capture_output=True, timeout=GIT_SECONDS)


def _known_to_git(root: Path) -> Iterator[Path]:
    """Tracked files, and those that the next `git add .` would take."""
    asked = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        told = subprocess.run(asked, capture_output=True, timeout=GIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
    for name in told.stdout.split(b"\0"):
        if name and not name.startswith(b"evidence/"):
            yield Path(name.decode(errors="surrogateescape"))
