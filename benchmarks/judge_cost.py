"""What a tick of the judge costs, beside one Mann-Whitney judgement of the same hour.

Eight metrics: errors, p50, p90, p99, two objectives, arrived traffic and a gauge. The first and the last hour of a
24-hour watch are compared, and the time that 1,000 watches at a tick of 10 s take of one core.
"""

import pickle
import time
from dataclasses import replace
from datetime import timedelta

from bench import close, quick
from worlds import simulate

from golive.judge.decision import Stand, judge
from golive.judge.peers.kayenta import once
from golive.judge.peers.tally import minutes_of
from golive.judge.samples import Samples
from golive.judge.terms import Terms
from golive.judge.watch import Watch
from golive.spec.values import LatencyObjective, Objectives

BAR_MS = 2.0
RATES = (100.0, 1_000.0)


def main() -> None:
    hours = 4 if quick() else 24
    worst = 0.0
    for rate in RATES:
        first, last, size = watched(rate, hours)
        worst = max(worst, first, last)
        print(
            f"{rate:6g} requests/s: {first:.3f} ms per tick in hour 1, {last:.3f} in hour {hours}; "
            f"state {size:,} bytes; 1,000 watches take {first / 10 * 100:.0f} % of a core"
        )
    hour = simulate("clean", "none", seed=1)
    began = time.perf_counter()
    once(minutes_of(hour.ticks, "new", "old", hour.control), hour.bounds_ms)
    peer = 1000 * (time.perf_counter() - began)
    ratio = worst / peer
    print(f"one Kayenta judgement of an hour, re-implemented: {peer:.1f} ms; a tick takes {ratio:.3f} of it")
    close("a tick of 8 metrics", round(worst, 3), "ms", BAR_MS, worst < BAR_MS)


def watched(rate: float, hours: int) -> tuple[float, float, int]:
    """Milliseconds per tick in the first and in the last hour, and the size of the state at the end."""
    objectives = Objectives(latency=(LatencyObjective(quantile_ppm=990_000, max_ms=500),))
    watch = Watch(Terms(new="new", old="old", objectives=objectives))
    deployment = simulate("clean", "none", seed=1, rate=rate, minutes=60 * hours)
    spent = []
    for hour in range(hours):
        ticks = deployment.ticks[720 * hour : 720 * (hour + 1)]
        ticks = tuple(replace(tick, gauges={"cpu_cores": 0.5}) for tick in ticks)
        began = time.perf_counter()
        for place in range(0, len(ticks), 2):
            pair = ticks[place : place + 2]
            watch.take(Samples(bounds_ms=deployment.bounds_ms, ticks=pair), deployment.events)
            stand = Stand(weight=5, since=deployment.events[0].at, soak=timedelta(hours=hours), now=pair[0].at)
            judge(watch.assess(), watch.terms, stand)
        spent.append(1000 * (time.perf_counter() - began) / (len(ticks) / 2))
    return spent[0], spent[-1], len(pickle.dumps(watch))


if __name__ == "__main__":
    main()
