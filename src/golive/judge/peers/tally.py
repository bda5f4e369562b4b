"""From ticks to minutes, and counts of several minutes as one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from golive.judge.minutes import Count, Minute
from golive.judge.samples import Tick

MINUTE = timedelta(minutes=1)


def minutes_of(ticks: Sequence[Tick], new: str, old: str, control: Sequence[Tick] = ()) -> tuple[Minute, ...]:
    """The counts of both revisions, minute by minute from the first tick of either on.

    A minute in which nothing was read is there with zeros: rules differ in what they make of it. So ticks that
    are longer than a minute leave empty ones between them. Load of golive's own is left out; ticks of instances
    count only for a revision that has none as a whole. Without `control` the baseline is the control.
    """
    sides = [_whole(ticks, new), _whole(ticks, old), [tick for tick in control if not tick.synthetic]]
    instants = [tick.at for side in sides[:2] for tick in side]
    if not instants:
        return ()
    first, minutes = min(instants), (max(instants) - min(instants)) // MINUTE + 1
    canary, baseline, beside = (_by_minute(side, first, minutes) for side in sides)
    return tuple(
        Minute(canary=counts[0], baseline=counts[1], control=counts[2] if control else counts[1])
        for counts in zip(canary, baseline, beside, strict=True)
    )


def together(counts: Iterable[Count]) -> Count:
    """All of them as one; of none it is the empty count."""
    every = tuple(counts)
    buckets = max((len(count.latency) for count in every), default=0)
    padded = (count.latency + (0,) * (buckets - len(count.latency)) for count in every)
    return Count(
        requests=sum(count.requests for count in every),
        errors=sum(count.errors for count in every),
        latency=tuple(map(sum, zip(*padded, strict=True))),
    )


def bucket_of(count: Count, q: float) -> int:
    """The index of the bucket that holds the quantile; 0 without any latency."""
    wanted, seen = q * sum(count.latency), 0
    for index, requests in enumerate(count.latency):
        seen += requests
        if seen >= wanted:
            return index
    return 0


def slower(count: Count, bucket: int) -> int:
    """How many requests lie in a slower bucket."""
    return sum(count.latency[bucket + 1 :])


def _whole(ticks: Sequence[Tick], revision: str) -> list[Tick]:
    users = [tick for tick in ticks if tick.revision == revision and not tick.synthetic]
    return [tick for tick in users if not tick.instance] or users


def _by_minute(ticks: Sequence[Tick], first: datetime, minutes: int) -> list[Count]:
    grouped: list[list[Count]] = [[] for _ in range(minutes)]
    for tick in ticks:
        index = (tick.at - first) // MINUTE
        if 0 <= index < minutes:
            grouped[index].append(Count(requests=tick.requests, errors=tick.errors, latency=tick.latency))
    return [together(counts) for counts in grouped]
