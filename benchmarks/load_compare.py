"""How often two revisions that take turns are told apart: when they are the same, and when one is a fifth slower.

Each run starts two fresh storefronts. The rule that it is held against is the common one: two runs one after the
other, of which the second is worse when its p95 is more than a tenth above the first's.
"""

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from bench import ROOT, close, quick
from peers import free_port

from golive.drivers.load.job import Flow, Job, Place, Step
from golive.drivers.load.run import Run
from golive.drivers.load.schedule import constant
from golive.judge.performance.compare import interleaved

RUNS = 40
RATE, SECONDS, TURN_S, WARM_S = 200, 12.0, 0.25, 2.0
BEFORE_MS, SLOWER_MS = 5.0, 6.1  # of sleep; with the service's own 0.4 ms that is a fifth more
MOST_FLAGGED, LEAST_FOUND = 0.05, 0.95
PEER_MARGIN = 1.1
PEER_S = 3.0


def main() -> None:
    runs = 1 if quick() else RUNS
    same = [asyncio.run(_run(BEFORE_MS, BEFORE_MS)) for _ in range(runs)]
    slower = [asyncio.run(_run(BEFORE_MS, SLOWER_MS)) for _ in range(runs)]
    flagged = sum(answer != "no difference" for answer, _, _ in same) / runs
    found = sum(answer == "worse" for answer, _, _ in slower) / runs
    peer_flagged, peer_found = (sum(peer for _, peer, _ in one) / runs for one in (same, slower))
    seen = sorted(least for _, _, least in same if least is not None)
    print(f"{runs} runs of {SECONDS:g} s each, {RATE} requests/s")
    for name, own, peer in (("same revision", flagged, peer_flagged), ("a fifth slower", found, peer_found)):
        print(f"{name:<15} told apart in {100 * own:.1f} %; by the p95 of two runs in {100 * peer:.1f} %")
    print(f"the smallest difference that a run could see: {seen[len(seen) // 2] if seen else '-'} % (median)")
    holds = flagged <= MOST_FLAGGED and found >= LEAST_FOUND
    close("a fifth slower is found", round(100 * found, 1), "%", 100 * LEAST_FOUND, holds)


async def _run(first_ms: float, second_ms: float) -> tuple[str, bool, float | None]:
    """What the turns say, what two runs one after the other say, and what could be seen."""
    with ExitStack() as stack:
        places = tuple(Place(url=stack.enter_context(_storefront(ms))) for ms in (first_ms, second_ms))
        flows = (Flow(steps=(Step(name="products", path="/products"),)),)
        warm = Job(places=places, segments=constant(RATE, WARM_S).segments, flows=flows, interval_s=TURN_S)
        await _made(warm)
        found = await _made(replace(warm, segments=constant(RATE, SECONDS).segments))
        half = constant(RATE, PEER_S).segments
        alone = [await _made(replace(warm, places=(one,), segments=half)) for one in places]
    comparison = interleaved(found, against="before", revision="")
    before, after = (one.latency().quantile_ms(0.95) for one in alone)
    return comparison.answer, after > PEER_MARGIN * before, comparison.least_seen_pct


@contextmanager
def _storefront(latency_ms: float):  # type: ignore[no-untyped-def]
    port = free_port()
    app = ROOT / "examples" / "storefront" / "app.py"
    env = {**os.environ, "PORT": str(port), "STOREFRONT_LATENCY_MS": str(latency_ms)}
    child = subprocess.Popen([sys.executable, str(app)], env=env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait()


async def _made(job: Job):  # type: ignore[no-untyped-def]
    run = Run(job, workers=1)
    async with run:
        await run.wait()
        return run.recording.measured()


if __name__ == "__main__":
    main()
