"""Where a history of runs changes its level. Pure.

Pettitt (1979): the split at which the ranks of both sides differ most, with his approximation of its significance;
then each side again (binary segmentation). With fewer than `LEAST_RUNS` values nothing is said.
"""

from collections.abc import Sequence
from math import exp
from statistics import median

ALPHA = 0.01
LEAST_RUNS = 8
LEAST_SIDE = 3


def changes(values: Sequence[float], alpha: float = ALPHA) -> tuple[int, ...]:
    """Places of the first value after each change, rising; none when there are too few values."""
    found = [0, *_split(values, 0, alpha), len(values)]
    for place in range(1, len(found) - 1):  # between its neighbours alone a change is placed more exactly
        begin, end = found[place - 1], found[place + 1]
        found[place] = begin + _best(values[begin:end])
    return tuple(found[1:-1])


def level(values: Sequence[float]) -> float:
    """What a stretch between two changes is said to be: its median."""
    return median(values)


def _split(values: Sequence[float], begin: int, alpha: float) -> list[int]:
    if len(values) < LEAST_RUNS:
        return []
    best = _best(values)
    if _significance(_pettitt(values, best), len(values)) > alpha:
        return []
    left, right = values[:best], values[best:]
    return [*_split(left, begin, alpha), begin + best, *_split(right, begin + best, alpha)]


def _best(values: Sequence[float]) -> int:
    places = range(LEAST_SIDE, len(values) - LEAST_SIDE + 1)
    return max(places, key=lambda place: abs(_pettitt(values, place)))


def _pettitt(values: Sequence[float], place: int) -> int:
    """How many more pairs rise over the split than fall."""
    return sum((b > a) - (b < a) for a in values[:place] for b in values[place:])


def _significance(statistic: int, count: int) -> float:
    return min(1.0, 2 * exp(-6 * statistic * statistic / (count**3 + count**2)))
