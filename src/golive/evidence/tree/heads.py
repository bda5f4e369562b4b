"""Holding published checkpoints against the records, in one pass over them.

The root is computed anew at the size of every checkpoint; when all fit, all are consistent with each other. A
checkpoint must be signed by the log key that the newest `log.key` record before it announces: so a change of key
is a record like any other, which later sign-offs cover.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from golive.errors import Failure
from golive.evidence.record import Record
from golive.evidence.shape import tampered
from golive.evidence.tree.checkpoint import Checkpoint, checkpoint_in, origin_of
from golive.evidence.tree.merkle import Frontier, leaf
from golive.evidence.tree.note import LogKey, Note, log_key, read

KEY_RECORD = "log.key"


@dataclass(kw_only=True)
class Heads:
    """`take` every record in order, then ask for `findings`. `stored` maps each checkpoint's path to its bytes."""

    stored: Mapping[str, bytes]
    newest: str  # the path of the one that is the newest
    frontier: Frontier = field(default_factory=Frontier)
    signed_size: int = 0  # of the largest checkpoint that holds
    keys: list[tuple[int, LogKey]] = field(default_factory=list)  # from which record on
    _origin: str = ""
    _due: dict[int, list[tuple[str, Note, Checkpoint]]] = field(default_factory=dict)
    _faults: list[Failure] = field(default_factory=list)

    def __post_init__(self) -> None:
        for path, content in self.stored.items():
            try:
                found = read(content, path)
                checkpoint = checkpoint_in(found, path)
            except Failure as fault:
                self._faults.append(fault)
                continue
            if path != self.newest and path.rpartition("/")[2] != str(checkpoint.size):
                self._faults.append(
                    tampered(path, "this head has the name of another", f"{checkpoint.size} records")
                )
            self._due.setdefault(checkpoint.size, []).append((path, found, checkpoint))

    def take(self, record: Record) -> None:
        self._origin = self._origin or origin_of(record.digest)
        if record.draft.type == KEY_RECORD:
            self._announced(record)
        self.frontier.take(leaf(record.line.encode()))
        for path, found, checkpoint in self._due.pop(self.frontier.size, ()):
            self._faults += self._of(path, found, checkpoint)

    def findings(self) -> Iterator[Failure]:
        yield from self._faults
        for entries in self._due.values():
            for path, _, checkpoint in entries:
                what = f"it is a head of {checkpoint.size} records, and the log has {self.frontier.size}"
                yield tampered(path, what, "records were cut off the end, or it belongs to another log")
        yield from self._of_the_newest()

    def _announced(self, record: Record) -> None:
        try:
            self.keys.append((record.seq, log_key(str(record.draft.body.get("vkey", "")))))
        except ValueError as error:
            self._faults.append(tampered(f"record {record.seq}", "it announces no log key", str(error)))

    def _of(self, path: str, found: Note, checkpoint: Checkpoint) -> Iterable[Failure]:
        if checkpoint.origin != self._origin:
            yield tampered(path, "it is the head of another log", f"{checkpoint.origin}, not {self._origin}")
        elif checkpoint.root != self.frontier.root():
            yield tampered(path, "its root is not that of these records", "records before it were changed")
        elif not self.keys or not found.is_signed_by(self.keys[-1][1]):
            yield tampered(path, "it is not signed with the log's key", "the newest log.key record names that key")
        else:
            self.signed_size = max(self.signed_size, checkpoint.size)

    def _of_the_newest(self) -> Iterator[Failure]:
        """It may be missing: a crash before it was first written leaves only the one under its size."""
        others = [content for path, content in self.stored.items() if path != self.newest]
        if self.newest in self.stored and self.stored[self.newest] not in others:
            yield tampered(self.newest, "the newest head is not among those that were published", "")
