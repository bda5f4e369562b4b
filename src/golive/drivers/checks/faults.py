"""Several faults planted one after the other: each of them must be noticed, not only one."""

from collections.abc import Awaitable, Mapping

from golive.evidence.claim import Exercised


async def every(planted: Mapping[str, Awaitable[Exercised]]) -> Exercised:
    """Refuted when every exercise was, as a control must be; else it names the faults that nobody noticed."""
    missed = [fault for fault, exercise in planted.items() if (await exercise).answer != "refuted"]
    if missed or not planted:
        return Exercised(answer="proven", because=f"not noticed: {', '.join(missed) or 'nothing was planted'}")
    return Exercised(answer="refuted", because=f"noticed: {', '.join(planted)}")
