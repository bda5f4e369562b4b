"""k6, with a constant arrival rate. Written from its documentation, and tried on a recorded output only."""

import json
from dataclasses import dataclass
from typing import Any

from golive.drivers.load.engines.ask import Asked, Call, spread, whole
from golive.judge.performance.measured import Cell, Generator, Measured

SCRIPT = "load.js"
NAME = "all requests"
MARK = "GOLIVE "
FAILED = "failed (k6 says no more)"
NOTE = (
    "latency counts from when a request was sent, not from when it was due; what it could not send in time is "
    "among `asked` only; nothing over time"
)
STEPS = (*range(1, 100), 99.5, 99.9, 99.95, 99.99)
SOURCE = """import http from 'k6/http';
const PATHS = %(paths)s;
const HEADERS = %(headers)s;
export const options = {
  scenarios: { load: { executor: 'constant-arrival-rate', rate: %(rate)d, timeUnit: '1s', duration: '%(seconds)ds',
    preAllocatedVUs: %(users)d, maxVUs: %(most)d } },
  summaryTrendStats: %(stats)s,
};
export default function () {
  const path = PATHS[(__VU + __ITER) %% PATHS.length];
  http.get(%(url)s + path, { headers: HEADERS, timeout: '%(timeout)ds', tags: { name: 'all' } });
}
export function handleSummary(data) {
  return { stdout: '%(mark)s' + JSON.stringify(data.metrics) + '\\n' };
}
"""


@dataclass(frozen=True)
class K6:
    """Implements `ask.Engine`."""

    name: str = "k6"

    def version(self, said: str) -> str:
        return next((word.removeprefix("v") for word in said.split() if word.startswith("v")), "unknown")

    def call(self, program: str, asked: Asked) -> Call:
        script = SOURCE % {
            "paths": json.dumps(asked.paths),
            "headers": json.dumps(dict(asked.headers)),
            "rate": max(1, asked.rate),
            "seconds": asked.seconds,
            "users": asked.users,
            "most": max(asked.users, asked.rate * 2),
            "stats": json.dumps(["max", *(f"p({step:g})" for step in STEPS)]),
            "url": json.dumps(asked.url),
            "timeout": max(1, round(asked.timeout_s)),
            "mark": MARK,
        }
        return Call(command=(program, "run", "--quiet", "--no-usage-report", SCRIPT), files={SCRIPT: script})

    def read(self, output: str, asked: Asked, version: str) -> Measured:
        line = next((line for line in output.splitlines() if line.startswith(MARK)), "")
        told: dict[str, Any] = json.loads(line.removeprefix(MARK))
        times = told["http_req_duration"]["values"]
        requests = int(told["http_reqs"]["values"]["count"])
        failed = round(requests * float(told["http_req_failed"]["values"]["rate"]))
        percentiles = [(float(step), float(times[f"p({step:g})"])) for step in STEPS] + [
            (100.0, float(times["max"]))
        ]
        causes = {FAILED: failed} if failed else {}
        codes = {200: requests - failed} if requests > failed else {}
        cell = Cell(codes=codes, causes=causes, latency=spread(percentiles, requests))
        made = Generator(engine=self.name, version=version, note=NOTE)
        planned = asked.rate * asked.seconds
        return whole(
            {NAME: cell}, asked, made, seconds=float(asked.seconds), most_ms=float(times["max"]), planned=planned
        )
