"""What Prometheus answers, as series of raw samples. Pure.

Raw counters are read (a range selector in an instant query), never rate() or increase(): those extrapolate, and a
count that is no whole number cannot be judged.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from golive.judge.samples import BOUNDS_MS

BEYOND = float("inf")


class Unusable(ValueError):
    """The answer is not what the API promises."""


@dataclass(frozen=True, kw_only=True)
class RawSeries:
    """One series: its labels, and samples as (unix time in s, counts).

    A plain counter has one count. A native histogram has one for each bound of `BOUNDS_MS` and a last one for
    what is slower; all of them are running totals.
    """

    labels: Mapping[str, str]
    samples: tuple[tuple[float, tuple[float, ...]], ...]


def raw_series(answer: bytes, *, unit_ms: float = 1_000.0) -> tuple[RawSeries, ...]:
    """The series of a matrix answer; values that are no number are left out. `Unusable` says what is wrong."""
    try:
        found = json.loads(answer)
        if found["status"] != "success":
            raise Unusable(str(found.get("error", "the query failed"))[:200])
        if found["data"]["resultType"] != "matrix":
            raise Unusable(f"a matrix was expected, not {found['data']['resultType']}")
        return tuple(_series(one, unit_ms) for one in found["data"]["result"])
    except Unusable:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise Unusable(f"{type(error).__name__}: {error}"[:200]) from error


def _series(found: Mapping[str, Any], unit_ms: float) -> RawSeries:
    plain = ((float(at), (float(value),)) for at, value in found.get("values", ()))
    native = ((float(at), _native(value, unit_ms)) for at, value in found.get("histograms", ()))
    samples = [(at, counts) for at, counts in (*plain, *native) if all(map(isfinite, counts)) and isfinite(at)]
    labels = {str(name): str(value) for name, value in found["metric"].items()}
    return RawSeries(labels=labels, samples=tuple(sorted(samples)))


def _native(found: Mapping[str, Any], unit_ms: float) -> tuple[float, ...]:
    """A native histogram in the bounds of the judge; a bucket that reaches over a bound counts as slower."""
    counts = [0.0] * (len(BOUNDS_MS) + 1)
    for _, _, upper, count in found.get("buckets", ()):
        counts[bisect_left(BOUNDS_MS, float(upper) * unit_ms)] += float(count)
    return tuple(counts)


def classic(found: Sequence[RawSeries], unit_ms: float) -> Iterator[tuple[RawSeries, int | None]]:
    """Each `le` series with its bound in whole milliseconds; None is +Inf. Others are passed over."""
    for one in found:
        try:
            bound = float(one.labels["le"])
        except (KeyError, ValueError):
            continue
        yield one, None if bound == BEYOND else max(1, round(bound * unit_ms))
