"""Whether a long load needs more memory the longer it lasts: the generator, and the command that records it.

1,000 requests/s on one worker of nginx for ten minutes (`--quick`: 30 s); resident memory after a tenth of the
time and at the end. Locust with 4 users stands beside it.
"""

import asyncio
import os
import tempfile

import psutil
from bench import close, quick
from peers import nginx, start_locust, told_by_locust

from golive.drivers.load.job import Job, Place
from golive.drivers.load.run import Run
from golive.drivers.load.schedule import constant

RATE = 1_000
BAR = 1.1
MIB = 2**20


def main() -> None:
    seconds = 30 if quick() else 600
    with nginx() as url, tempfile.TemporaryDirectory() as folder:
        locust = start_locust(url, max(10, seconds // 20), folder, users=4)
        told_by_locust_mib = asyncio.run(_peer(locust))
        generator, recorder, sent = asyncio.run(_soak(url, seconds))
    growth = max(end / begin for begin, end in (generator, recorder))
    for name, (begin, end) in (("generator", generator), ("command", recorder)):
        print(f"{name:<10} {begin / MIB:6.1f} MiB after {seconds // 10} s, {end / MIB:6.1f} MiB after {seconds} s")
    print(f"{sent} requests; Locust had {told_by_locust_mib:.0f} MiB after {max(10, seconds // 20)} s")
    close("memory at the end of a soak, beside its beginning", round(growth, 3), "times", BAR, growth <= BAR)


async def _peer(child) -> float:  # type: ignore[no-untyped-def]
    most, process = 0.0, psutil.Process(child.pid)
    while child.poll() is None:
        try:
            most = max(most, process.memory_info().rss / MIB)
        except psutil.Error:
            break
        await asyncio.sleep(0.5)
    told_by_locust(child)
    return most


async def _soak(url: str, seconds: int) -> tuple[tuple[int, int], tuple[int, int], int]:
    job = Job(
        places=(Place(url=url),),
        segments=constant(RATE, float(seconds)).segments,
        interval_s=max(1.0, seconds / 600),
    )
    run, own = Run(job, workers=1), psutil.Process(os.getpid())
    async with run:
        (child,) = run._children
        generator = psutil.Process(child.pid)
        finished = asyncio.ensure_future(run.wait())
        seen: list[tuple[int, int]] = []
        while not finished.done():
            await asyncio.wait((finished,), timeout=seconds / 100)
            try:
                seen.append((generator.memory_info().rss, own.memory_info().rss))
            except psutil.Error:
                break
        await finished
        sent = run.recording.sent
    first, last = seen[len(seen) // 10], seen[-2]
    return (first[0], last[0]), (first[1], last[1]), sent


if __name__ == "__main__":
    main()
