"""Kayenta's judge: is a metric's minute-by-minute series above that of an equal-size control?

A metric is High when the lower limit of the shift (98 %) is above a quarter of the shift itself, and the mean is
not below the control's. Minutes without data are left out; a metric with none is no data, and so are half of the
metrics too many. Equal series pass. With three metrics of the same weight a single High one scores 67 of 100,
below the marginal 75: one High metric fails the canary.

Series that are both constant get a trace of noise there and are compared as they are here. With one minute the
larger value is High.
"""

from collections.abc import Sequence
from typing import Literal

from golive.judge.minutes import Count, Minute
from golive.judge.peers.mannwhitney import shift
from golive.judge.peers.ruling import NOTHING, Ruling, promoted, rolled_back

Z = 2.3263478740408408  # 98 %, both sides
TOLERANCE = 0.25
FIRST_MINUTE, EVERY_MINUTES = 10, 5

Grade = Literal["High", "Pass", "no data"]


def once(minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    """One judgment when the watch is over, as the tool is meant to be used."""
    return _first_of([len(minutes)], minutes, bounds_ms)


def growing(minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    """A judgment of all that was seen every 5 minutes, from minute 10 on."""
    looks = range(FIRST_MINUTE, len(minutes), EVERY_MINUTES)
    return _first_of([*looks, len(minutes)], minutes, bounds_ms)


def grade(canary: Sequence[float], control: Sequence[float]) -> Grade:
    """Of one metric of which more is worse."""
    if not canary or not control:
        return "no data"
    if list(canary) == list(control) or len({*canary, *control}) == 1:
        return "Pass"
    above = shift(canary, control, Z)
    not_below = sum(canary) * len(control) >= sum(control) * len(canary)
    return "High" if not_below and above.low > TOLERANCE * abs(above.middle) else "Pass"


def _first_of(looks: Sequence[int], minutes: Sequence[Minute], bounds_ms: Sequence[int]) -> Ruling:
    if not minutes:
        return NOTHING
    canary = _series([minute.canary for minute in minutes], bounds_ms)
    control = _series([minute.control for minute in minutes], bounds_ms)
    for look in looks:
        grades = {name: grade(_known(canary[name][:look]), _known(control[name][:look])) for name in canary}
        if fault := _fault(grades):
            return rolled_back(look, fault)
    return promoted(len(minutes), "no metric is High")


def _fault(grades: dict[str, Grade]) -> str:
    if high := [name for name, found in grades.items() if found == "High"]:
        return f"{' and '.join(high)} High"
    unknown = [name for name, found in grades.items() if found == "no data"]
    return f"no data of {' and '.join(unknown)}" if 2 * len(unknown) >= len(grades) else ""


def _series(counts: Sequence[Count], bounds_ms: Sequence[int]) -> dict[str, list[float | None]]:
    return {
        "errors": [count.error_rate for count in counts],
        "p50": [count.quantile_ms(0.5, bounds_ms) for count in counts],
        "p99": [count.quantile_ms(0.99, bounds_ms) for count in counts],
    }


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]
