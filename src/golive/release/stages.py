"""Stages: the weights that a new revision passes through, and what must hold at each."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One weight on the way. A strategy is nothing but a list of these, weights rising to 100.

    `new` instances of the new revision are ready before it gets `weight` percent; afterwards the old
    revision keeps `old` of its own.
    """

    weight: int
    new: int
    old: int
    soak: timedelta
    judged: bool  # the next weight needs a fresh PASS
    ask: bool  # the next weight needs a person's word
