"""wrk: a closed loop, as fast as its connections get answers. Its own script prints what it measured as JSON."""

import json
from dataclasses import dataclass

from golive.drivers.load.engines.ask import Asked, Call, spread, whole
from golive.judge.performance.measured import ANSWERED, Cell, Generator, Measured

SCRIPT = "load.lua"
MARK = "GOLIVE "
NAME = "all requests"
NOTE = (
    "closed loop: it asks only when it has been answered, so waiting users are not counted; codes below 400 are "
    "told as 200, others as 400; nothing over time"
)
STEPS = (*range(1, 100), 99.5, 99.9, 99.95, 99.99, 99.999, 100)
LUA = """
local paths = {%(paths)s}
local turn = 0
local ready = {}
%(headers)s
request = function()
  turn = turn %% #paths + 1
  if not ready[turn] then ready[turn] = wrk.format("GET", paths[turn]) end
  return ready[turn]
end
done = function(summary, latency, requests)
  local steps = {%(steps)s}
  local told = {}
  for i, p in ipairs(steps) do
    local us = p == 100 and latency.max or latency:percentile(p)
    told[i] = string.format("[%%g,%%d]", p, us)
  end
  local e = summary.errors
  io.write(string.format(
    '%(mark)s{"requests":%%d,"duration_us":%%d,"bytes":%%d,"status":%%d,"connect":%%d,"read":%%d,"write":%%d,' ..
    '"timeout":%%d,"percentiles":[%%s]}\\n',
    summary.requests, summary.duration, summary.bytes, e.status, e.connect, e.read, e.write, e.timeout,
    table.concat(told, ",")))
end
"""
CAUSES = {"connect": "no connection", "read": "broken answer", "write": "broken request", "timeout": "timeout"}


@dataclass(frozen=True)
class Wrk:
    """Implements `ask.Engine`."""

    name: str = "wrk"

    def version(self, said: str) -> str:
        words = said.split()
        return words[1] if len(words) > 1 and words[0] == "wrk" else "unknown"

    def call(self, program: str, asked: Asked) -> Call:
        """Headers go into the script, which is nobody else's to read: arguments are for everybody to see."""
        headers = "\n".join(f"wrk.headers[{_lua(name)}] = {_lua(value)}" for name, value in asked.headers.items())
        script = LUA % {
            "paths": ", ".join(map(_lua, asked.paths)),
            "headers": headers,
            "steps": ", ".join(f"{step:g}" for step in STEPS),
            "mark": MARK,
        }
        threads = min(asked.processes, asked.users)
        numbers = (f"-t{threads}", f"-c{max(asked.users, threads)}", f"-d{asked.seconds}s")
        timeout = ("--timeout", f"{max(1, round(asked.timeout_s))}s")
        return Call(command=(program, *numbers, *timeout, "-s", SCRIPT, asked.url), files={SCRIPT: script})

    def read(self, output: str, asked: Asked, version: str) -> Measured:
        line = next((line for line in output.splitlines() if line.startswith(MARK)), "")
        told = json.loads(line.removeprefix(MARK))
        requests, bad = int(told["requests"]), int(told["status"])
        percentiles = [(float(percent), us / 1000) for percent, us in told["percentiles"]]
        causes = {cause: int(told[key]) for key, cause in CAUSES.items() if told[key]}
        causes |= {f"{ANSWERED}400": bad} if bad else {}
        codes = {code: count for code, count in ((200, requests - bad), (400, bad)) if count}
        cell = Cell(codes=codes, causes=causes, latency=spread(percentiles, requests))
        made = Generator(engine=self.name, version=version, open_loop=False, note=NOTE, processes=asked.processes)
        seconds = told["duration_us"] / 1e6
        return whole({NAME: cell}, asked, made, seconds=seconds, most_ms=percentiles[-1][1], planned=0)


def _lua(text: str) -> str:
    """A string of Lua: every byte that is no plain character by its number."""
    plain = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\' else f"\\{byte:03d}" for byte in text.encode()
    )
    return f'"{plain}"'
