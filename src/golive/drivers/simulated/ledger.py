"""A ledger in memory that outlives the simulated controller, as a disk would."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from golive.errors import Exit, Failure
from golive.evidence.canonical import seal
from golive.evidence.ledger import Head, HeadMoved, Holder, Lease
from golive.evidence.record import Draft, Record

EMPTY = "0" * 64


@dataclass(kw_only=True)
class SimulatedLedger:
    """Implements `evidence.ledger.Ledger`. `act` is where a simulated world lets faults strike."""

    records: list[Record] = field(default_factory=list)
    holders: dict[str, Lease] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    act: Callable[[str, Callable[[], None]], None] = lambda verb, effect: effect()

    def take(self, environment: str, holder: Holder) -> Lease:
        held = self.holders.get(environment)
        if held:
            raise Failure(
                where=environment,
                what="another controller works on it",
                why=f"{held.holder.actor} ({held.holder.where}) since {held.holder.since:%H:%M:%S}",
                next=f"golive status, or golive abort --env {environment}",
                code=Exit.REFUSED,
            )
        epoch = self.epochs.get(environment, 0) + 1
        lease = Lease(environment=environment, epoch=epoch, holder=holder)
        self.epochs[environment] = epoch
        self.holders[environment] = lease
        return lease

    def release(self, lease: Lease) -> None:
        if self.holders.get(lease.environment) == lease:
            del self.holders[lease.environment]

    def append(self, draft: Draft, *, parent: int | None = None, lease: Lease | None = None) -> Record:
        for record in self.records:
            if record.draft.id == draft.id:
                return record
        if lease and lease.epoch < self.epochs.get(lease.environment, 0):
            raise Failure(
                where=lease.environment,
                what="this controller was replaced",
                why=f"its epoch {lease.epoch} is below {self.epochs[lease.environment]}",
                next="golive status",
                code=Exit.REFUSED,
            )
        if parent is not None and parent != self._newest(draft.environment):
            raise HeadMoved
        sealed = seal(draft, seq=len(self.records) + 1, prev=self.head().digest)
        self.act(f"record {draft.type}", lambda: self.records.append(sealed))
        return sealed

    def read(self, environment: str | None = None, *, after: int = 0) -> Sequence[Record]:
        newer = self.records[after:]
        return [r for r in newer if environment is None or r.draft.environment == environment]

    def head(self) -> Head:
        if not self.records:
            return Head(seq=0, digest=EMPTY)
        return Head(seq=self.records[-1].seq, digest=self.records[-1].digest)

    def _newest(self, environment: str) -> int:
        return next((r.seq for r in reversed(self.records) if r.draft.environment == environment), 0)
