"""What a peer's rule says of a watch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from golive.judge.minutes import Minute


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """The first final answer of a rule. `minute` counts from 1 and is the last one that the rule had seen.

    "none" is said only of a watch without a single minute: every other watch ends in one way or the other, since
    these rules promote what they did not fault.
    """

    answer: Literal["rollback", "promote", "none"]
    minute: int
    because: str


Rule = Callable[[Sequence[Minute], Sequence[int]], Ruling]  # minutes in order of time, bounds in milliseconds

NOTHING = Ruling(answer="none", minute=0, because="nothing was measured")


def rolled_back(minute: int, because: str) -> Ruling:
    return Ruling(answer="rollback", minute=minute, because=because)


def promoted(minute: int, because: str) -> Ruling:
    return Ruling(answer="promote", minute=minute, because=because) if minute else NOTHING
