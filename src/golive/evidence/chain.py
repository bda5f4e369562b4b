"""The chain: records that name each other's digests, in an order that a controller can have caused.

What holds in every log, and is checked line by line:
- `seq` is 1, 2, 3 … and `prev` is the SHA-256 of the line before;
- `ts` never falls, `mono_ns` never falls between two neighbours of one boot;
- within an environment the epoch never falls (0 belongs to whoever holds no lease) and rises with every
  `lease.taken`;
- every `step.ended` names an earlier `step.began` of its environment in `cause`, and is the only one to do so.

What a chain does not show: whoever holds the whole log can rewrite it from any record on. Only a head that
somebody else kept, or a signature over one, shows that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from golive.evidence.canonical import decode
from golive.evidence.ledger import Head
from golive.evidence.record import Draft, Record
from golive.evidence.shape import NO_DIGEST, instant, tampered

START = Head(seq=0, digest=NO_DIGEST)


def verify_chain(lines: Iterable[bytes], where: str = "records.jsonl") -> Head:
    """The head of a log whose every line holds; `Failure` (exit 5) names the first that does not, by line."""
    head = START
    for record in follow(lines, where):
        head = Head(seq=record.seq, digest=record.digest)
    return head


def follow(lines: Iterable[bytes], where: str = "records.jsonl") -> Iterator[Record]:
    """The records of `lines` (without newlines), each yielded once it was found to follow those before."""
    past = _Followed()
    for number, line in enumerate(lines, 1):
        place = f"{where}:{number}"
        record = decode(line, place)
        fault = past.fault(record)
        if fault:
            raise tampered(place, *fault)
        past.take(record)
        yield record


def placed(draft: Draft, last: Record | None) -> Draft:
    """The draft with clocks that do not fall behind `last`, its predecessor.

    Two processes can append in another order than they looked at the clock, and a wall clock can be set back;
    the log's order is what counts. Durations within a boot come from `mono_ns`, which is moved only by the
    first cause, and only by the time that a draft waited for the ledger.
    """
    if last is None:
        return draft
    before = last.draft
    mono_ns = max(draft.mono_ns, before.mono_ns) if draft.boot == before.boot else draft.mono_ns
    return replace(draft, at=max(draft.at, before.at), mono_ns=mono_ns)


@dataclass
class _Followed:
    """What later records are held against."""

    last: Record | None = None
    epochs: dict[str, int] = field(default_factory=dict)
    intents: dict[int, str] = field(default_factory=dict)  # seq of an open step.began → environment

    def fault(self, record: Record) -> tuple[str, str] | None:
        """What is wrong with `record` as the next one, and why."""
        return self._order(record) or self._clocks(record) or self._epoch(record) or self._outcome(record)

    def take(self, record: Record) -> None:
        draft = record.draft
        self.last = record
        self.epochs[draft.environment] = max(self.epochs.get(draft.environment, 0), draft.epoch)
        if draft.type == "step.began":
            self.intents[record.seq] = draft.environment
        if draft.type == "step.ended":
            self.intents.pop(self._intent(draft))

    def _order(self, record: Record) -> tuple[str, str] | None:
        seq, digest = (self.last.seq, self.last.digest) if self.last else (0, NO_DIGEST)
        if record.seq != seq + 1:
            return f"record {record.seq} follows record {seq}", "numbers rise by one: one is missing, or added"
        if record.prev != digest:
            return "the record before is not the one that was there when this one was written", (
                f"prev is {record.prev[:16]}…, the digest of line {seq} is {digest[:16]}…"
            )
        return None

    def _clocks(self, record: Record) -> tuple[str, str] | None:
        if self.last is None:
            return None
        now, before = record.draft, self.last.draft
        if now.at < before.at:
            return "ts falls", f"{instant(now.at)} after {instant(before.at)}"
        if now.boot == before.boot and now.mono_ns < before.mono_ns:
            return "mono_ns falls within one boot", f"{now.mono_ns} after {before.mono_ns}"
        return None

    def _epoch(self, record: Record) -> tuple[str, str] | None:
        draft = record.draft
        highest = self.epochs.get(draft.environment, 0)
        if 0 < draft.epoch < highest:
            return f"epoch {draft.epoch} after {highest} in {draft.environment}", "its controller was replaced"
        if draft.type == "lease.taken" and draft.epoch <= highest:
            return f"a lease with epoch {draft.epoch} after {highest} in {draft.environment}", "it must rise"
        return None

    def _outcome(self, record: Record) -> tuple[str, str] | None:
        draft = record.draft
        if draft.type != "step.ended" or self._intent(draft):
            return None
        return "an outcome without an open intent", (
            f"cause {list(draft.cause)} names no step.began of {draft.environment} that has not ended before"
        )

    def _intent(self, draft: Draft) -> int:
        """The open intent that this outcome closes; 0 when there is none."""
        return next((seq for seq in draft.cause if self.intents.get(seq) == draft.environment), 0)
