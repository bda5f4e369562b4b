"""Whether a load is what was asked for: the rate within 1 %, and the generator itself on time, or it says so.

From 1,000 to 20,000 requests/s against one worker of nginx on loopback. wrk and Locust stand aside here: they are
closed loops, and cannot be asked for a rate.
"""

import asyncio

from bench import close, quick
from peers import nginx

from golive.drivers.load.job import Job, Place
from golive.drivers.load.run import Run
from golive.drivers.load.schedule import constant
from golive.judge.performance.verdict import bottleneck
from golive.spec.values import Objectives

RATES = (1_000, 2_000, 5_000, 10_000, 15_000, 20_000)
BAR_PCT = 1.0
LATE_MS = 5.0


def main() -> None:
    seconds = 4.0 if quick() else 20.0
    worst, refused = 0.0, 0
    with nginx() as url:
        for rate in RATES:
            found = asyncio.run(_made(url, rate, seconds))
            off = 100 * abs(found.ok / found.elapsed_s - rate) / rate
            late = found.lateness().quantiles_ms((0.5, 0.99))
            reason = bottleneck(found, Objectives())
            print(
                f"{rate:6d}/s asked: {found.ok / found.elapsed_s:9.1f}/s answered ({off:.3f} % off), lateness p50 "
                f"{late[0]:.2f} ms, p99 {late[1]:.2f} ms, {found.generator.processes} processes"
                + (f": refused, {reason}" if reason else "")
            )
            if reason:
                refused += 1
            elif off > BAR_PCT or late[1] >= LATE_MS:
                worst = max(worst, off, BAR_PCT * 1.01)
            else:
                worst = max(worst, off)
    print(f"{refused} of {len(RATES)} rates were refused by the generator itself")
    close("how far the achieved rate is off", round(worst, 4), "%", BAR_PCT, worst <= BAR_PCT)


async def _made(url: str, rate: int, seconds: float):  # type: ignore[no-untyped-def]
    run = Run(Job(places=(Place(url=url),), segments=constant(rate, seconds).segments, interval_s=1.0))
    async with run:
        await run.wait()
        return run.recording.measured()


if __name__ == "__main__":
    main()
