"""oha, with a constant rate and its correction of latencies. Written from its documentation, and tried on a
recorded output only.
"""

import json
from dataclasses import dataclass
from typing import Any

from golive.drivers.load.engines.ask import Asked, Call, spread, whole
from golive.judge.performance.measured import ANSWERED, FIRST_FAILING_CODE, Cell, Generator, Measured

NAME = "all requests"
NOTE = "one path only; eleven percentiles, so others are rounded up to the next of them; nothing over time"
PERCENTS = {
    "p10": 10,
    "p25": 25,
    "p50": 50,
    "p75": 75,
    "p90": 90,
    "p95": 95,
    "p99": 99,
    "p99.9": 99.9,
    "p99.99": 99.99,
}


@dataclass(frozen=True)
class Oha:
    """Implements `ask.Engine`."""

    name: str = "oha"

    def version(self, said: str) -> str:
        words = said.split()
        return words[1] if len(words) > 1 and words[0] == "oha" else "unknown"

    def call(self, program: str, asked: Asked) -> Call:
        """It takes headers as arguments only, which everybody on the machine can read: secrets are refused."""
        rate = ("-q", str(asked.rate), "--latency-correction") if asked.rate else ()
        numbers = ("-z", f"{asked.seconds}s", "-c", str(asked.users), "-t", f"{asked.timeout_s:g}s")
        headers = tuple(word for name, value in asked.headers.items() for word in ("-H", f"{name}: {value}"))
        quiet = ("--no-tui", "--output-format", "json", "--redirect", "0")
        return Call(command=(program, *quiet, *numbers, *rate, *headers, asked.url + asked.paths[0]))

    def read(self, output: str, asked: Asked, version: str) -> Measured:
        told: dict[str, Any] = json.loads(output[output.index("{") :])
        codes = {int(code): int(count) for code, count in told["statusCodeDistribution"].items()}
        causes = {str(cause)[:80]: int(count) for cause, count in told["errorDistribution"].items()}
        causes |= {f"{ANSWERED}{code}": count for code, count in codes.items() if code >= FIRST_FAILING_CODE}
        slowest_ms = float(told["summary"]["slowest"] or 0) * 1000
        times = told["latencyPercentiles"]
        percentiles = [(percent, float(times[name] or 0) * 1000) for name, percent in PERCENTS.items()]
        latency = spread([*percentiles, (100.0, slowest_ms)], sum(codes.values()))
        cell = Cell(codes=codes, causes=causes, latency=latency)
        made = Generator(engine=self.name, version=version, note=NOTE, open_loop=bool(asked.rate))
        seconds = float(told["summary"]["total"])
        planned = asked.rate * asked.seconds
        return whole({NAME: cell}, asked, made, seconds=seconds, most_ms=slowest_ms, planned=planned)
