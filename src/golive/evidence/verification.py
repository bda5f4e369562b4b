"""Checking an evidence folder against itself: chain, files, database, and a head that somebody kept. Offline.

A finding is a `Failure` (exit 5) that names the place. Everything is looked at before it is raised, with the
further findings in `also`; only the chain ends at its first fault, since nothing behind it can be relied on.
What cannot be known from the folder alone is part of the answer (`Verified.not_proven`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from golive.errors import Exit, Failure
from golive.evidence.chain import START, follow
from golive.evidence.ledger import Head
from golive.evidence.record import Artifact, Record
from golive.evidence.shape import tampered
from golive.evidence.tree.heads import Heads

SEALS_BACK = 20  # how many seals a manifest may be behind, after as many crashes in a row
PIN_DIGITS = 16  # of a digest, at least: what commands print of a head

UNNAMED = frozenset({"manifest.json"})  # made from the records, so none can vouch for it

_HEAD = re.compile(rf"[1-9][0-9]{{0,15}}:[0-9a-f]{{{PIN_DIGITS},64}}")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A plain file as it is now."""

    size_bytes: int
    sha256: str
    secrets: frozenset[str] = frozenset()  # kinds of credentials that are in it by their looks


class Files(Protocol):
    """The evidence folder as names and measurements; implemented by `drivers.artifacts`."""

    def paths(self) -> Iterable[str]:
        """Everything in it that is no folder, relative to it, except the records themselves."""
        ...

    def measure(self, path: str) -> Measured | None:
        """None when there is no plain file of that name, or one reached through a link."""
        ...


@dataclass(frozen=True, kw_only=True)
class Log:
    """The records at one moment."""

    where: str  # the file's name, for findings
    lines: Iterable[bytes]  # those that end with a newline, without it
    torn: bytes = b""  # what comes after the last newline
    ledger: Iterable[tuple[bytes, str]] | None = None  # each line of the database, and what is wrong in its row
    ledger_where: str = ""
    checkpoints: Mapping[str, bytes] = field(default_factory=dict)  # by path below the evidence folder
    newest: str = ""  # the path of the newest of them

    def sealed_sizes(self) -> frozenset[int]:
        """The sizes under which heads were published, by their names; the newest few."""
        names = [path.rpartition("/")[2] for path in self.checkpoints]
        return frozenset(sorted(int(name) for name in names if name.isdecimal())[-SEALS_BACK:])


Watch = Callable[[Record], Iterable[Failure]]  # is shown every record that holds, in order


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What holds. `pending` records are in the database and not yet in the file."""

    head: Head
    records: int
    artifacts: int
    unvouched: tuple[str, ...]  # files that no record names
    pending: int | None  # None: there was no database to compare with
    pin: Head | None
    signed_size: int  # records under the largest checkpoint that holds
    log_keys: tuple[str, ...]  # every key that signed for this log, oldest first
    key_changes: tuple[int, ...] = ()  # the records that announce another key than the one before

    @property
    def not_proven(self) -> tuple[str, ...]:
        """What this check cannot know, for people."""
        rewriting = (
            "that nobody rewrote everything: whoever can write this folder can, up to what people signed, with "
            "the log's key or by announcing another; keep the head elsewhere and compare it: "
            f"golive evidence verify --pin {self.head}"
        )
        unsigned = f"records {self.signed_size + 1} to {self.head.seq}: no signed head covers them yet"
        changes = [
            f"that the owner of the log's key changed it in record {seq}: nobody vouches for the new key but that "
            "record, and whoever signs later"
            for seq in self.key_changes
        ]
        return (*((unsigned,) if self.signed_size < self.head.seq else ()), *changes, *self._unkept(rewriting))

    def _unkept(self, rewriting: str) -> tuple[str, ...]:
        newest = (
            f"record {self.head.seq} itself: no later record names it, and there is no database or pin that does"
        )
        is_signed = self.signed_size == self.head.seq
        is_covered = (
            is_signed or self.pending is not None or (self.pin is not None and self.pin.seq == self.head.seq)
        )
        return (rewriting,) if is_covered else (rewriting, newest)


def read_pin(text: str) -> Head:
    """`SEQ:DIGEST` as commands print it; the digest may be cut to `PIN_DIGITS` or more."""
    if _HEAD.fullmatch(text):
        seq, digest = text.split(":")
        return Head(seq=int(seq), digest=digest)
    raise Failure(
        where="--pin",
        what=f"{text!r} is not a log head",
        why=f"a head is a number, a colon, and at least {PIN_DIGITS} hex digits, such as 412:9f86d081884c7d65",
        next="take it from the last line of an earlier command",
        code=Exit.USAGE,
    )


def verify(log: Log, files: Files, pin: Head | None = None, watch: Watch = lambda record: ()) -> Verified:
    """Everything that holds, or a `Failure` (exit 5) with every finding; `watch` adds findings of its own."""
    check = _Check(log=log, files=files, pin=pin, watch=watch)
    findings = list(check.findings())
    if findings:
        raise together(findings)
    return Verified(
        head=check.head,
        records=check.head.seq,
        artifacts=len(check.vouched),
        unvouched=tuple(sorted(set(files.paths()) - check.vouched.keys() - log.checkpoints.keys() - UNNAMED)),
        pending=check.pending,
        pin=pin,
        signed_size=check.heads.signed_size,
        log_keys=tuple(str(key) for _, key in check.heads.keys),
        key_changes=tuple(seq for (_, old), (seq, new) in pairwise(check.heads.keys) if old != new),
    )


def together(findings: list[Failure]) -> Failure:
    """All of them as one; what to do next is said once."""
    first, *more = findings
    return Failure(
        where=first.where,
        what=first.what,
        why=first.why,
        next=first.next,
        code=Exit.TAMPERED,
        also=tuple(Failure(where=f.where, what=f.what, why=f.why, code=f.code) for f in more),
    )


@dataclass(kw_only=True)
class _Check:
    log: Log
    files: Files
    pin: Head | None
    watch: Watch
    head: Head = START
    pending: int | None = None
    torn_is_explained: bool = False  # by a record that is in the database and on its way into the file
    vouched: dict[str, Artifact] = field(default_factory=dict)
    heads: Heads = field(init=False)

    def __post_init__(self) -> None:
        self.heads = Heads(stored=self.log.checkpoints, newest=self.log.newest)

    def findings(self) -> Iterator[Failure]:
        try:
            for record in self._recorded():
                yield from self._of_record(record)
                yield from self.watch(record)
            yield from self._of_the_end()
            yield from self.heads.findings()
        except Failure as broken:
            yield broken

    def _recorded(self) -> Iterator[Record]:
        """The records of the file, each held against the database's line of the same number."""
        ledger = None if self.log.ledger is None else iter(self.log.ledger)
        for record in follow(self.log.lines, self.log.where):
            if ledger is not None:
                self._compare(record, next(ledger, None))
            self.head = Head(seq=record.seq, digest=record.digest)
            self.heads.take(record)
            yield record
        if ledger is not None:
            missing = [line for line, _ in ledger]
            self.pending = len(missing)
            torn = self.log.torn.rstrip(b"\0")  # blocks that were never written
            self.torn_is_explained = any((line + b"\n").startswith(torn) for line in missing[:1])

    def _compare(self, record: Record, row: tuple[bytes, str] | None) -> None:
        place = f"{self.log.ledger_where}:{record.seq}"
        if row is None:
            raise tampered(
                place, "this record is in the file and not in the database", "it is written there first"
            )
        line, wrong = row
        if line != record.line.encode():
            raise tampered(place, "the database holds another line than the file", "the file's chain holds so far")
        if wrong:
            raise tampered(place, "the database's columns do not say what its line says", wrong)

    def _of_record(self, record: Record) -> Iterator[Failure]:
        pin = self.pin
        if pin and pin.seq == record.seq and not record.digest.startswith(pin.digest):
            yield tampered(
                f"{self.log.where}:{record.seq}",
                "this is not the record of the pinned head",
                f"pinned is {pin.digest[:16]}…, the line's SHA-256 is {record.digest[:16]}…",
            )
        for artifact in record.draft.artifacts:
            yield from self._of_artifact(artifact, record.seq)

    def _of_artifact(self, artifact: Artifact, seq: int) -> Iterator[Failure]:
        known = self.vouched.setdefault(artifact.path, artifact)
        if known is not artifact and (known.sha256, known.size_bytes) == (artifact.sha256, artifact.size_bytes):
            return
        found = self.files.measure(artifact.path)
        if found is None:
            yield tampered(artifact.path, "this file is missing", f"record {seq} vouches for it")
        elif found.secrets:
            names = ", ".join(sorted(found.secrets))
            yield tampered(artifact.path, "there is a credential in this file", f"by its looks: {names}")
        elif (found.size_bytes, found.sha256) != (artifact.size_bytes, artifact.sha256):
            yield tampered(
                artifact.path,
                "this file was changed",
                f"record {seq} vouches for {artifact.size_bytes} bytes, SHA-256 {artifact.sha256[:16]}…; "
                f"there are {found.size_bytes} bytes, {found.sha256[:16]}…",
            )

    def _of_the_end(self) -> Iterator[Failure]:
        place = f"{self.log.where}:{self.head.seq + 1}"
        if not self.head.seq:
            yield tampered(place, "there are no records here", "a folder without records proves nothing")
        if self.log.torn and not self.torn_is_explained:
            what = f"{len(self.log.torn)} bytes without a newline at the end"
            yield tampered(place, "the last line is not complete", what)
        if self.pin and self.pin.seq > self.head.seq:
            yield tampered(place, f"the log ends at record {self.head.seq}", f"pinned is record {self.pin.seq}")
