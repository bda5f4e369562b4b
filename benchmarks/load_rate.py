"""How much load one generator process makes, all recorded, beside wrk's one thread and Locust's one process.

golive is open loop, so its figure is the highest rate that it was asked for and kept: all sent, 99 % answered in
the time of the schedule, and one in a hundred requests no more than 5 ms late. wrk and Locust are closed loops,
asking as fast as they are answered. All have 64 connections, and one worker of nginx on loopback answers.
"""

import asyncio
import tempfile

from bench import close, quick
from peers import nginx, start_locust, start_wrk, told_by_locust, told_by_wrk

from golive.drivers.load.job import Job, Place
from golive.drivers.load.run import Run
from golive.drivers.load.schedule import constant

BAR_LOCUST, BAR_WRK = 5.0, 0.3
CONNECTIONS = 64
LATE_MS = 5.0


def main() -> None:
    seconds = 4 if quick() else 10
    with nginx() as url, tempfile.TemporaryDirectory() as folder:
        wrk, _ = told_by_wrk(start_wrk(url, seconds, CONNECTIONS))
        print(f"wrk, one thread:       {wrk:9.0f} requests/s")
        locust, _ = told_by_locust(start_locust(url, seconds + 2, folder, CONNECTIONS))
        print(f"Locust, one process:   {locust:9.0f} requests/s")
        own = _highest(url, wrk, seconds)
    print(f"golive, one process:   {own:9.0f} requests/s: {own / locust:.1f} x Locust, {own / wrk:.2f} x wrk")
    holds = own >= BAR_LOCUST * locust and own >= BAR_WRK * wrk
    close("requests/s of one process, beside Locust's", round(own / locust, 2), "times", BAR_LOCUST, holds)


def _highest(url: str, wrk: float, seconds: int) -> float:
    """In steps of a twentieth of what wrk does, until two in a row are not kept."""
    best, missed, share = 0.0, 0, 0.3
    while missed < 2 and share < 1.2:
        rate = round(share * wrk, -2)
        kept, told = _kept(url, rate, max(2.0, seconds / 3))
        print(f"  {rate:8.0f}/s: {told}")
        best, missed = (rate, 0) if kept else (best, missed + 1)
        share += 0.05 if seconds > 5 else 0.1
    return best


def _kept(url: str, rate: float, seconds: float) -> tuple[bool, str]:
    segments = constant(rate, seconds).segments
    job = Job(places=(Place(url=url),), segments=segments, interval_s=1.0, connections=CONNECTIONS)
    found = asyncio.run(_made(job))
    late, achieved = found.lateness().quantile_ms(0.99), found.ok / found.elapsed_s
    told = f"{achieved:8.0f}/s answered, {found.failed} failed, lateness p99 {late:.2f} ms"
    return achieved >= 0.99 * rate and late < LATE_MS and not found.failed, told


async def _made(job):  # type: ignore[no-untyped-def]
    run = Run(job, workers=1)
    async with run:
        await run.wait()
        return run.recording.measured()


if __name__ == "__main__":
    main()
