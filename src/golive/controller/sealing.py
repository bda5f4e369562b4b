"""Sealing: publishing a signed head over everything that is recorded, once a command has done its work."""

from collections.abc import Sequence
from dataclasses import dataclass

from golive.controller.outside import Clock
from golive.evidence.ledger import Ledger
from golive.evidence.record import Actor, Draft, Record
from golive.evidence.shape import tampered
from golive.evidence.signing.keys import Signer
from golive.evidence.tree import note
from golive.evidence.tree.checkpoint import Checkpoint, Checkpoints, checkpoint_in, origin_of
from golive.evidence.tree.heads import KEY_RECORD
from golive.evidence.tree.merkle import EMPTY, Frontier, leaf

CLERK = Actor(id="golive", kind="system")


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The log's key at work."""

    ledger: Ledger
    checkpoints: Checkpoints
    clock: Clock
    signer: Signer
    service: str  # named with the key, for whoever reads the log without its specification

    def put(self) -> Checkpoint | None:
        """Publish the head of all records; None when there are none. A head that is published stays true:
        `Failure` (exit 5) when the newest one does not fit these records any more."""
        found = self.ledger.read()
        if not found:
            return None
        records = self._announced(found)
        before = self._newest()
        frontier, was = Frontier(), EMPTY
        for record in records:
            frontier.take(leaf(record.line.encode()))
            if before and frontier.size == before.size:
                was = frontier.root()
        origin = origin_of(records[0].digest)
        if before and (before.root, before.origin) != (was, origin):
            raise tampered(
                "evidence/operations/checkpoint", "the newest head does not fit the records", str(before.size)
            )
        head = Checkpoint(origin=origin, size=frontier.size, root=frontier.root())
        if before is None or before.size < head.size:
            signed = note.sign(head.text(), origin, self.signer)
            self.checkpoints.publish(head.size, signed.encoded())
        return head

    def _newest(self) -> Checkpoint | None:
        there = self.checkpoints.newest()
        return checkpoint_in(note.read(there, "checkpoint"), "checkpoint") if there else None

    def _announced(self, records: Sequence[Record]) -> Sequence[Record]:
        """The records, among them one that says which key signs the log's heads."""
        added = announce(self.ledger, records, self.clock, self.signer, self.service)
        if added is None:
            return records
        if added.seq == records[-1].seq + 1:
            return (*records, added)
        return self.ledger.read()  # somebody recorded something meanwhile


def announce(
    ledger: Ledger, records: Sequence[Record], clock: Clock, signer: Signer, service: str
) -> Record | None:
    """Record which key signs for this log, before it signs anything; None when `records` say so already."""
    key = str(note.LogKey(name=origin_of(records[0].digest), public=signer.public))
    said = [r for r in records if r.draft.type == KEY_RECORD]
    if said and said[-1].draft.body.get("vkey") == key:
        return None
    draft = Draft(
        id=clock.new_id(),
        at=clock.now(),
        mono_ns=clock.mono_ns(),
        boot=clock.boot,
        type=KEY_RECORD,
        environment="",
        rollout="",
        actor=CLERK,
        cause=(said[-1].seq,) if said else (),
        body={"vkey": key, "service": service},
    )
    return ledger.append(draft)
