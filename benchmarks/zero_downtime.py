"""Promise: twenty releases in a row under constant open-loop load fail no request.

The peer, in the same run and under the same load: what a script does that stops the old process and starts the
new one on the same port.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time

from bench import ROOT, close, quick, shop

from golive.drivers.load.run import LoadRun

RATE = 500  # requests a second
PATHS = ("/products", "/products/1")


async def golive_releases(count: int) -> tuple[int, int]:
    environment = {"instances": 2, "strategy": {"kind": "all-at-once"}, "retain": 0, "drain": "2s"}
    with shop(**environment) as place:
        place.release("1.0.0")
        place.golive("deploy", "--env", "bench")
        async with LoadRun(place.entry, rate=RATE, paths=PATHS) as run:
            for number in range(count):
                place.release(f"2.{number}.0")
                await asyncio.to_thread(place.golive, "deploy", "--env", "bench")
            report = await run.stop()
    for failure in report.failures[:5]:
        print("  failed:", failure)
    return report.sent, report.failed


async def plain_restarts(count: int) -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    child = start(port)
    async with LoadRun(f"http://127.0.0.1:{port}", rate=RATE, paths=PATHS) as run:
        for _ in range(count):
            await asyncio.sleep(1)
            child.send_signal(signal.SIGTERM)
            await asyncio.to_thread(child.wait)
            child = start(port)
        await asyncio.sleep(1)
        report = await run.stop()
    child.terminate()
    child.wait()
    return report.sent, report.failed


def start(port: int) -> subprocess.Popen[bytes]:
    """Start the storefront and wait until it listens, as a careful script would."""
    env = {**os.environ, "PORT": str(port)}
    child = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT / "examples" / "storefront", env=env, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return child
        time.sleep(0.005)
    raise RuntimeError("the storefront did not start")


async def main() -> None:
    count = 4 if quick() else 20
    sent, failed = await golive_releases(count)
    print(f"golive:       {count} releases at {RATE} requests/s: {failed} of {sent} requests failed")
    peer_sent, peer_failed = await plain_restarts(count)
    print(f"stop + start: {count} restarts at {RATE} requests/s: {peer_failed} of {peer_sent} requests failed")
    close(f"{count} releases in a row fail no request", failed, "failed requests", 0, failed == 0 and sent > 0)


asyncio.run(main())
