"""Promise: `golive --help` and `golive status` answer within 150 ms (median of 20, compiled bytecode).

The peer, in the same run: a bare `import click`, which is what any command line of this kind costs.
"""

import compileall
import os
import statistics
import subprocess
import sys
import time

from bench import ROOT, close, quick, shop

BAR_MS = 150.0


def median_ms(command: list[str], rounds: int, folder: str) -> float:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[1:])


def main() -> None:
    rounds = 8 if quick() else 20
    compileall.compile_dir(ROOT / "src", quiet=2)
    with shop(instances=1, strategy={"kind": "all-at-once"}) as place:
        place.release("1.0.0")
        place.golive("deploy", "--env", "bench")
        folder = str(place.folder)
        peer = median_ms([sys.executable, "-c", "import click"], rounds, folder)
        help_ms = median_ms([sys.executable, "-m", "golive", "--help"], rounds, folder)
        status_ms = median_ms([sys.executable, "-m", "golive", "status"], rounds, folder)
    print(f"import click   {peer:.0f} ms")
    print(f"golive --help  {help_ms:.0f} ms, {help_ms / peer:.1f} times that")
    print(f"golive status  {status_ms:.0f} ms, {status_ms / peer:.1f} times that")
    slowest = round(max(help_ms, status_ms), 1)
    close("start-up of --help and status", slowest, "ms", BAR_MS, slowest < BAR_MS)


main()
