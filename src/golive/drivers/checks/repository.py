"""The repository: whether a secret stands in a file that git knows, by its value, its looks, or its randomness."""

import hashlib
import shlex
import subprocess
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from golive.drivers.checks.entropy import random_values
from golive.drivers.checks.faults import every
from golive.evidence.claim import Exercised
from golive.evidence.patterns import PATTERNS
from golive.evidence.redaction import CHANCE, Redactor

MOST_BYTES = 4 * 1024 * 1024  # of one file; larger ones are data
MOST_SHOWN = 5
GIT_SECONDS = 30
KEYS = ".golive/keys/"
STATE = ".golive/"  # holds the key of the log
EVIDENCE = b"evidence/"  # redacted when it was written, and searched by golive evidence verify
PLANTED = {  # they look like secrets, and open nothing
    "an access key": b"aws_access_key_id = AKIA" + b"QYLPMN5HFZEXAMPL" + b"\n",
    "a random token": b"API_TOKEN = q7Xw" + b"3Zr9Lk2Vb8Tn4Ms6" + b"\n",
}
PLANTED_VALUE = "planted-value-of-a-secret"


@dataclass(frozen=True, kw_only=True)
class SecretsNotInRepository:
    """Searches tracked files, and those that the next `git add .` would take.

    `allowed` are lines that only look like a secret: PATH:SHA-256 of the line with its end. The value of a secret
    that the specification names is never allowed. What is found is told by place and kind, never by its text.
    """

    root: Path
    secrets: Mapping[str, str]
    allowed: Collection[str] = ()
    claim: str = "secrets-not-in-repository"

    async def exercise(self) -> Exercised:
        files = list(_known_to_git(self.root))
        if not files:
            return Exercised(answer="nothing", because="git knows no file here", next="git init, git add")
        found = [hit for path in files for hit in self._hits(path)]
        if not found:
            return Exercised(answer="proven", because=f"{len(files)} files searched")
        more = f"; and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
        return Exercised(
            answer="refuted",
            because="; ".join(hit.told for hit in found[:MOST_SHOWN]) + more,
            next=found[0].next,
            facts={f"found {number}": hit.told for number, hit in enumerate(found, 1)},
        )

    async def control(self, scratch: str) -> Exercised:
        """Each kind of secret in a repository of its own, and an allowed line that was changed since."""
        faults = {**PLANTED, "the value of a secret": PLANTED_VALUE.encode()}
        here = {fault: Path(scratch) / str(number) for number, fault in enumerate(faults)}
        for fault, place in here.items():
            _plant(place, faults[fault])
        poor = replace(self, secrets={"PLANTED": PLANTED_VALUE}, allowed=[_allowed("settings.ini", b"before")])
        return await every({fault: replace(poor, root=place).exercise() for fault, place in here.items()})

    def _hits(self, path: Path) -> "Iterator[_Hit]":
        if _printable(path).startswith(STATE):  # not opened: closing the ledger's file would give back its locks
            if _printable(path).startswith(KEYS):
                yield _Hit(path=_printable(path), line=0, kind="a key of golive")
            return
        try:
            with (self.root / path).open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError:
            return
        if len(content) > MOST_BYTES or b"\0" in content[:1024]:
            return
        name = _printable(path)
        for secret in sorted(self._values(content)):
            yield _Hit(path=name, line=0, kind=f"the value of {secret}")
        places = {_line(content, at): kind for at, kind in _looks(content)}
        for (number, line), kind in sorted(places.items()):
            if _allowed(name, line) not in self.allowed:
                yield _Hit(path=name, line=number, kind=kind)

    def _values(self, content: bytes) -> set[str]:
        """Names of the secrets whose values stand in it, in one of their forms."""
        if not self.secrets:
            return set()
        redactor = Redactor(self.secrets)
        redactor.feed(content)
        redactor.flush()
        hidden = {n for n, v in self.secrets.items() if len(v) >= CHANCE and v.encode() in content}
        return (set(redactor.hits) & set(self.secrets)) | hidden  # a mark has one name, also where two overlap


@dataclass(frozen=True, kw_only=True)
class _Hit:
    """Where a secret stands and what kind it is; line 0 is the whole file. Nothing of its text."""

    path: str
    line: int
    kind: str

    @property
    def told(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}" if self.line else f"{self.path}: {self.kind}"

    @property
    def next(self) -> str:
        if self.path.startswith(STATE):
            return f"echo {STATE} >> .gitignore"
        mend = "take it out of the file and its history, and change the secret: it is known now"
        if not self.line:
            return mend
        digest = f"sed -n {self.line}p {shlex.quote(self.path)} | sha256sum"
        return f"{mend}. If it is none, add '{self.path}:' and its SHA-256 to readiness.not_secrets: {digest}"


def _looks(content: bytes) -> Iterator[tuple[int, str]]:
    """Where something begins that looks like a secret, and what it looks like."""
    for at in random_values(content):
        yield at, "a random value under a name that says secret"
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(content):
            yield match.start(match.lastindex or 0), kind


def _line(content: bytes, at: int) -> tuple[int, bytes]:
    """The number of the line and its bytes, as `sed -n NUMBERp` prints them."""
    end = content.find(b"\n", at) + 1 or len(content)
    return content.count(b"\n", 0, at) + 1, content[content.rfind(b"\n", 0, at) + 1 : end]


def _allowed(path: str, line: bytes) -> str:
    return f"{path}:{hashlib.sha256(line).hexdigest()}"


def _printable(path: Path) -> str:
    """The path as text that a record can hold; bytes that are no UTF-8 as escapes."""
    return str(path).encode(errors="surrogateescape").decode(errors="backslashreplace")


def _plant(place: Path, content: bytes) -> None:
    place.mkdir()
    (place / "settings.ini").write_bytes(content)
    subprocess.run(["git", "init", "-q", str(place)], check=False, capture_output=True, timeout=GIT_SECONDS)


def _known_to_git(root: Path) -> Iterator[Path]:
    """Nothing where git is not installed, or the folder is not under version control."""
    asked = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        told = subprocess.run(asked, capture_output=True, timeout=GIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
    for name in told.stdout.split(b"\0"):
        if name and not name.startswith(EVIDENCE):
            yield Path(name.decode(errors="surrogateescape"))
