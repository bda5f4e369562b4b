"""Promise: from the decision to "no traffic on the bad revision" in under 100 ms, with the old one on standby.

Measured from the ledger's monotonic clock: the record of the decision to the outcome of the shift, which was
read back from the router. The peer, in the same run: starting the old version again, until it answers.
"""

import os
import socket
import statistics
import subprocess
import sys
import time

from bench import ROOT, close, quick, shop

BAR_MS = 100.0


def ours(rounds: int) -> list[float]:
    times = []
    with shop(instances=2, strategy={"kind": "all-at-once"}, retain=1, drain="2s") as place:
        place.release("1.0.0")
        place.golive("deploy", "--env", "bench")
        for number in range(rounds):
            place.release(f"2.{number}.0")
            place.golive("deploy", "--env", "bench")
            times.append(float(place.golive("rollback", "--env", "bench")["way_back_ms"]))
    return times


def peer(rounds: int) -> list[float]:
    return [restart_ms() for _ in range(rounds)]


def restart_ms() -> float:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT / "examples" / "storefront",
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        while not answers(port):
            time.sleep(0.002)
        return (time.monotonic() - began) * 1000
    finally:
        child.terminate()
        child.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def main() -> None:
    rounds = 4 if quick() else 15
    mine, theirs = ours(rounds), peer(rounds)
    median = round(statistics.median(mine), 1)
    other = statistics.median(theirs)
    print(f"golive, standby revision: median {median} ms, all {sorted(mine)}")
    print(f"starting the old version: median {other:.1f} ms, {other / median:.1f} times as long")
    close("rollback to a standby revision", median, "ms", BAR_MS, median < BAR_MS)


main()
