"""The way back: whether a rollback can be planned from what is live."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from golive.errors import Failure
from golive.evidence.claim import Exercised

Rehearsal = Callable[[], Awaitable[tuple[str, ...]]]  # the steps of a rollback, or a `Failure`


@dataclass(frozen=True, kw_only=True)
class RollbackPlanned:
    """Plays a rollback in the simulated world, from what the records say is live."""

    rehearse: Rehearsal
    rehearse_where_nothing_is_live: Rehearsal
    claim: str = "rollback-planned"

    async def exercise(self) -> Exercised:
        return await _played(self.rehearse)

    async def control(self, scratch: str) -> Exercised:
        return await _played(self.rehearse_where_nothing_is_live)


async def _played(rehearse: Rehearsal) -> Exercised:
    try:
        steps = await rehearse()
    except Failure as failure:
        return Exercised(answer="refuted", because=f"{failure.what}: {failure.why}", next=failure.next)
    return Exercised(answer="proven", because=f"{len(steps)} steps: {steps[0]} … {steps[-1]}")
