"""Locust: users in Python, a locustfile of the team's own where it has one.

Its distributed mode makes more load than one process can: `processes` starts workers on this machine; with
`workers` this one leads, and so many join from other machines (`locust -f FILE --worker --master-host THIS`).
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from golive.drivers.load.engines.ask import Asked, Call, whole
from golive.judge.performance.histogram import bucket_of
from golive.judge.performance.measured import Cell, Generator, Measured

FILE = "locustfile.py"
NOTE = (
    "closed loop: users wait for answers; latencies are rounded by Locust, to whole milliseconds below 100; "
    "nothing over time"
)
WAIT_S = 120  # for workers on other machines
FAILED = "failed (Locust says no more)"
SOURCE = """from locust import FastHttpUser, task

PATHS = {paths!r}
HEADERS = {headers!r}


class Visitor(FastHttpUser):
    network_timeout = connection_timeout = {timeout!r}
    turn = 0

    @task
    def ask(self):
        path = PATHS[self.turn % len(PATHS)]
        self.turn += 1
        self.client.get(path, headers=HEADERS)
"""


@dataclass(frozen=True)
class Locust:
    """Implements `ask.Engine`."""

    name: str = "locust"

    def version(self, said: str) -> str:
        words = said.split()
        return words[1] if len(words) > 1 and words[0] == "locust" else "unknown"

    def call(self, program: str, asked: Asked) -> Call:
        told = SOURCE.format(paths=asked.paths, headers=dict(asked.headers), timeout=asked.timeout_s)
        files = {} if asked.locustfile else {FILE: told}
        many: tuple[str, ...] = ("--processes", str(asked.processes)) if asked.processes > 1 else ()
        if asked.workers:
            many = ("--master", "--expect-workers", str(asked.workers), "--expect-workers-max-wait", str(WAIT_S))
        users = ("-u", str(asked.users), "-r", str(asked.users), "-t", f"{asked.seconds}s")
        quiet = ("--headless", "--json", "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error", "0")
        where = ("-f", asked.locustfile or FILE, "--host", asked.url)
        return Call(command=(program, *where, *quiet, *users, *many), files=files)

    def read(self, output: str, asked: Asked, version: str) -> Measured:
        told = _stats(output)
        cells = {f"{one['method']} {one['name']}": _cell(one) for one in told}
        made = Generator(
            engine=self.name,
            version=version,
            open_loop=False,
            note=NOTE,
            processes=asked.workers or max(1, asked.processes),
        )
        begun = [float(one["start_time"]) for one in told]
        ended = [float(one["last_request_timestamp"] or one["start_time"]) for one in told]
        seconds = max(ended, default=0.0) - min(begun, default=0.0)
        most_ms = max((float(one["max_response_time"] or 0) for one in told), default=0.0)
        return whole(cells, asked, made, seconds=seconds or float(asked.seconds), most_ms=most_ms, planned=0)


def _stats(output: str) -> list[dict[str, Any]]:
    """Of the lists that it prints the longest: workers print empty ones."""
    found: list[list[dict[str, Any]]] = []
    for begin in re.finditer(r"^\[", output, re.MULTILINE):
        found.append(json.JSONDecoder().raw_decode(output, begin.start())[0])
    return max(found, key=len)


def _cell(one: dict[str, Any]) -> Cell:
    latency: dict[int, int] = {}
    for ms, count in one["response_times"].items():
        bucket = bucket_of(round(float(ms) * 1000))
        latency[bucket] = latency.get(bucket, 0) + int(count)
    failed = int(one["num_failures"])
    ok = int(one["num_requests"]) - failed
    return Cell(codes={200: ok} if ok else {}, causes={FAILED: failed} if failed else {}, latency=latency)
