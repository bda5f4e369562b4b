"""The target: what the machine lacks for it, and whether it can serve the weights of the strategy."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from golive.drivers.checks.faults import every
from golive.errors import Failure
from golive.evidence.claim import Exercised
from golive.release.stages import Stage
from golive.release.strategies import refuse_unservable
from golive.release.target import Capabilities
from golive.spec.values import Environment

Lacking = Callable[[], Awaitable[Sequence[str]]]  # what is missing, in words


@dataclass(frozen=True, kw_only=True)
class TargetCapable:
    """Looks for what is missing, and asks whether the stages can be served."""

    environment: Environment
    stages: tuple[Stage, ...]
    capabilities: Capabilities
    lacking: Lacking
    claim: str = "target-capable"

    async def exercise(self) -> Exercised:
        missing = await self.lacking()
        if missing:
            return Exercised(answer="refuted", because="; ".join(missing), next="golive doctor")
        try:
            refuse_unservable(self.stages, self.environment, self.capabilities)
        except Failure as failure:
            return Exercised(answer="refuted", because=f"{failure.what}: {failure.why}", next=failure.next)
        weights = ", ".join(f"{stage.weight} %" for stage in self.stages)
        return Exercised(answer="proven", because=f"nothing is missing, and it can serve {weights}")

    async def control(self, scratch: str) -> Exercised:
        """A target that cannot split and is asked for one per cent; and one that lacks a program."""
        cannot_split = replace(
            self,
            stages=(replace(self.stages[0], weight=1),),
            environment=replace(self.environment, instances=3),
            capabilities=replace(self.capabilities, weighted=False),
            lacking=_lacks_nothing,
        )
        lacks = replace(self, lacking=_lacks_a_program)
        return await every({"a weight": cannot_split.exercise(), "a missing program": lacks.exercise()})


async def _lacks_nothing() -> Sequence[str]:
    return ()


async def _lacks_a_program() -> Sequence[str]:
    return ("planted: it is not here",)
