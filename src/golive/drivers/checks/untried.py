"""A claim about which nothing can be tried here: nobody said how, or somebody only says so."""

from dataclasses import dataclass
from typing import Literal

from golive.evidence.claim import Exercised


@dataclass(frozen=True, kw_only=True)
class Untried:
    """Proves nothing, and is recorded as that: its control is not run, since there is nothing that could fail."""

    claim: str
    answer: Literal["declared", "nothing"]
    because: str
    next: str

    async def exercise(self) -> Exercised:
        return Exercised(answer=self.answer, because=self.because, next=self.next)

    async def control(self, scratch: str) -> Exercised:
        return await self.exercise()


def declared(claim: str, by: str) -> Untried:
    """Somebody says so."""
    return Untried(claim=claim, answer="declared", because=by, next="give it an exercise and a control")


def not_configured(claim: str, key: str) -> Untried:
    """The operator's file does not say how."""
    return Untried(
        claim=claim,
        answer="nothing",
        because=f"golive.yaml does not say how: it has no {key}",
        next=f"golive spec explain {key}",
    )
