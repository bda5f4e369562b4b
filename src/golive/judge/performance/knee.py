"""The knee: the highest rate at which a service keeps its objectives. Pure: which rate is tried next.

From the lowest rate upwards in doublings until one does not hold, then halving what lies between. A rate that does
not hold is tried once more: a hiccup of the machine is not the end of a service's capacity. What is found was held
in a whole step; nothing is said of rates above the first that failed twice.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from golive.spec.values import Knee

GROWTH = 2
TRIES = 2
ACHIEVED = 0.95  # of the rate that was asked; a service that answers less is beyond its knee


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One step of the search."""

    rate_per_s: int
    achieved_per_s: float
    p99_ms: float | None
    error_ratio: float
    holds: bool
    because: str
    own_fault: bool = False  # the generator could not make this rate: it says nothing about the service


def next_rate(tried: Sequence[Tried], knee: Knee) -> int | None:
    """The rate to try next; None when the search is over."""
    if not tried:
        return knee.lowest
    last = tried[-1]
    if not last.holds and _failures(tried, last.rate_per_s) < TRIES:
        return last.rate_per_s
    held, broken = highest(tried), lowest_broken(tried)
    if broken is None:
        return None if held >= knee.highest else min(held * GROWTH, knee.highest)
    if held == 0 or (broken - held) * 1_000_000 <= knee.within_ppm * held or broken - held <= 1:
        return None
    return (held + broken) // 2


def highest(tried: Sequence[Tried]) -> int:
    """The highest rate that held below every rate that did not; 0 when none did."""
    broken = lowest_broken(tried)
    held = [one.rate_per_s for one in tried if one.holds and (broken is None or one.rate_per_s < broken)]
    return max(held, default=0)


def lowest_broken(tried: Sequence[Tried]) -> int | None:
    """The lowest rate that did not hold however often it was tried."""
    rates = {one.rate_per_s for one in tried if not one.holds}
    held = {one.rate_per_s for one in tried if one.holds}
    return min((rate for rate in rates - held if _failures(tried, rate) >= TRIES), default=None)


def body(tried: Sequence[Tried], knee: Knee) -> dict[str, Any]:
    """As perf.json holds it."""
    steps = [{name: value for name, value in asdict(one).items() if name != "own_fault"} for one in tried]
    return {"rate_per_s": highest(tried), "limited_by": limited_by(tried, knee), "steps": steps}


def limited_by(tried: Sequence[Tried], knee: Knee) -> str:
    """What ended the search, for a person."""
    broken = lowest_broken(tried)
    if broken is None:
        return f"nothing up to {knee.highest} requests/s, the highest that was tried"
    last = next(one for one in reversed(tried) if one.rate_per_s == broken and not one.holds)
    return f"{last.because} at {broken} requests/s"


def is_bound(tried: Sequence[Tried]) -> bool:
    """Whether the service's own limit was found, and not the generator's or the end of the search."""
    broken = lowest_broken(tried)
    last = next((one for one in reversed(tried) if one.rate_per_s == broken and not one.holds), None)
    return last is not None and not last.own_fault


def sentence(tried: Sequence[Tried], knee: Knee) -> str:
    """What was found."""
    found = highest(tried)
    if not found:
        return f"not even {knee.lowest} requests/s hold; {limited_by(tried, knee)}"
    at_least = "" if is_bound(tried) else "at least "
    return f"{at_least}{found} requests/s hold; limited by: {limited_by(tried, knee)}"


def _failures(tried: Sequence[Tried], rate: int) -> int:
    return sum(one.rate_per_s == rate and not one.holds for one in tried)
