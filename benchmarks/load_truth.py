"""Whether the p99 that is told is the p99 that users had, where arithmetic knows it.

*Freezing*: a server that is suspended for one second in every ten. Users come evenly, so a tenth of them finds it
frozen, and waits evenly between nothing and a second: 99 % wait no longer than 900 ms. *Known*: a server that
takes its times from a list, so the p99 is the 990th of 1,000. wrk (closed loop) and Locust get their own servers
that do the same at the same time.
"""

import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench import close, quick
from peers import serving, start_locust, start_wrk, told_by_locust, told_by_wrk

from golive.drivers.load.job import Job, Place
from golive.drivers.load.run import Run
from golive.drivers.load.schedule import constant

BAR_PCT = 5.0
RATE = 200
FROZEN_P99_MS = 900.0
TIMES_MS = [20 + 480 * (n / 999) ** 8 for n in range(1000)]  # most are quick, the slowest takes half a second
KNOWN_P99_MS = TIMES_MS[989]
SERVER = """
import asyncio, sys
import uvloop
port, times = int(sys.argv[1]), [float(t) for t in sys.argv[2].split(",")] if len(sys.argv) > 2 else None
ANSWER = b"HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok"
turn = 0
class Talk(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        global turn
        for _ in range(data.count(b"\\r\\n\\r\\n")):
            if times is None:
                self.transport.write(ANSWER)
                continue
            turn = (turn + 389) % 1000
            asyncio.get_running_loop().call_later(times[turn] / 1000, self.answer)
    def answer(self):
        if not self.transport.is_closing():
            self.transport.write(ANSWER)
async def main():
    server = await asyncio.get_running_loop().create_server(Talk, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()
uvloop.run(main())
"""


def main() -> None:
    seconds = 20 if quick() else 60
    freezing = _side_by_side("freezing", None, seconds, FROZEN_P99_MS)
    times = ",".join(f"{ms:.3f}" for ms in TIMES_MS)
    known = _side_by_side("known", times, seconds // 2, KNOWN_P99_MS)
    worst = max(freezing, known)
    close("how far the told p99 is from the truth", round(worst, 2), "%", BAR_PCT, worst <= BAR_PCT)


def _side_by_side(name: str, times: str | None, seconds: int, truth_ms: float) -> float:
    """Percent that ours is off."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder) / "server.py"
        path.write_text(SERVER)

        def command(port: int) -> list[str]:
            return [sys.executable, str(path), str(port), *([times] if times else [])]

        servers = [stack.enter_context(serving(command)) for _ in range(3)]
        wrk = start_wrk(servers[1][0], seconds)
        locust = start_locust(servers[2][0], seconds, folder)
        children = [server for _, server in servers] if times is None else []
        own = asyncio.run(_made(servers[0][0], seconds, children))
        _, wrk_ms = told_by_wrk(wrk)
        _, locust_ms = told_by_locust(locust)
    off = 100 * abs(own - truth_ms) / truth_ms
    print(f"{name}: p99 is {truth_ms:.0f} ms; golive tells {own:.0f} ms ({off:.2f} % off), ", end="")
    print(f"wrk {wrk_ms:.1f} ms, Locust {locust_ms:.0f} ms")
    return off


async def _made(url: str, seconds: int, children) -> float:  # type: ignore[no-untyped-def]
    segments = constant(RATE, float(seconds)).segments
    run = Run(Job(places=(Place(url=url),), segments=segments, interval_s=1.0), workers=1)
    async with run:
        freezing = asyncio.create_task(_freeze(children)) if children else None
        await run.wait()
        if freezing:
            freezing.cancel()
        return run.recording.measured().latency().quantile_ms(0.99)


async def _freeze(children) -> None:  # type: ignore[no-untyped-def]
    """Suspend them in the fifth second of every ten, for one second."""
    began = time.monotonic()
    for turn in range(1_000):
        await asyncio.sleep(began + 10 * turn + 4 - time.monotonic())
        for child in children:
            child.send_signal(19)
        await asyncio.sleep(began + 10 * turn + 5 - time.monotonic())
        for child in children:
            child.send_signal(18)


if __name__ == "__main__":
    main()
