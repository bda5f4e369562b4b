"""From golive.yaml to a load that can be made: where it goes, which requests, how many when, and if it may."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.assembly.place import environment_of, folders, specification
from golive.assembly.views import read_back
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.drivers.load.job import Flow, Job, Place
    from golive.drivers.load.schedule import Segment
    from golive.spec.values import Environment, Loads, LoadStage, Scenario, Spec

MOST_INTERVALS = 600  # of a measurement: memory and files do not grow with its length


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A load that may be made, and what decides whether two of them are the same scenario."""

    spec: "Spec"
    environment: "Environment"
    name: str
    scenario: "Scenario"
    job: "Job"
    digest: str

    @property
    def seconds(self) -> float:
        return self.job.schedule.length_s

    @property
    def peak(self) -> float:
        """Requests per second at the most."""
        return max(max(one.begin_per_s, one.end_per_s) for one in self.job.segments)

    def told(self) -> dict[str, Any]:
        """As perf.json says it."""
        kind = "knee" if self.scenario.knee else "trace" if self.scenario.trace else "stages"
        arrival = [asdict(one) for one in self.job.segments]
        requests = [
            {"name": step.name, "method": step.method, "path": step.path, "weight": flow.weight}
            for flow in self.job.flows
            for step in flow.steps
        ]
        return {
            "name": self.name,
            "kind": kind,
            "engine": self.scenario.engine,
            "seconds": None if self.seconds == inf else round(self.seconds, 3),
            "arrival": arrival if len(arrival) <= MOST_INTERVALS else [],
            "requests": requests,
            "timeout_s": self.job.timeout_s,
            "connections": self.job.connections,
            "interval_s": self.job.interval_s,
        }

    def sentence(self) -> str:
        """What is about to be done."""
        return f"{scenario_sentence(self.scenario)}, to {self.job.places[0].url}"

    def at(self, rate: int, seconds: float) -> "Wish":
        """The same requests at a constant rate."""
        from golive.drivers.load.schedule import constant

        job = replace(self.job, segments=constant(rate, seconds).segments, interval_s=interval_s(seconds))
        return replace(self, job=job)


def environment_for_load(file: str, asked: str) -> str:
    """The one that is named, else the first that production requires, else the only one."""
    spec, _ = specification(file)
    if asked:
        return environment_of(spec, asked, file).name
    before = [name for place in spec.environments.values() for name in place.requires]
    return (before or list(spec.environments))[0]


def scenarios(file: str) -> Mapping[str, "Scenario"]:
    """Those of golive.yaml, and those that are there without being written."""
    return specification(file)[0].loads.scenarios


def scenario_sentence(scenario: "Scenario") -> str:
    """What a scenario means, on one line."""
    from golive.spec.quantities import duration_text

    by = f" by {scenario.engine}" if scenario.engine != "golive" else ""
    if scenario.knee:
        knee = scenario.knee
        return (
            f"the highest rate from {knee.lowest} to {knee.highest}/s that holds, {duration_text(knee.step)} each"
        )
    if scenario.trace:
        return f"as {scenario.trace} tells, at {scenario.speed} %"
    told = [
        f"{'' if one.begin is None else f'{one.begin} to '}{one.rate}/s for {duration_text(one.duration)}"
        for one in scenario.stages
    ]
    return ", then ".join(told) + by


async def wish(
    file: str, environment: str, name: str, *, rate: int | None = None, seconds: int | None = None
) -> Wish:
    """The load that a scenario means in an environment. `rate` and `seconds` replace those of a constant one.

    `Failure` for a scenario that is not there, files that cannot be read, a place that nobody declared, and, with
    exit code 4, a load beyond the environment's limits that nobody has waived.
    """
    spec, _ = specification(file)
    chosen = environment_of(spec, environment, file)
    scenario = _constant(_scenario(spec, name, file), name, rate, seconds)
    root = folders(file).root
    segments, recorded = _arrival(scenario, root)
    flows = _flows(spec, recorded, root)
    length_s = sum(one.length_s for one in segments)
    place = await _place(file, chosen)
    job = _job(spec.loads, flows, segments, place, length_s, root)
    made = Wish(
        spec=spec, environment=chosen, name=name, scenario=scenario, job=job, digest=_digest(name, scenario, job)
    )
    _refuse_beyond(file, made)
    return made


def interval_s(length_s: float) -> float:
    """A second; more in a long load."""
    return float(max(1, -int(-length_s // MOST_INTERVALS)))


def _scenario(spec: "Spec", name: str, file: str) -> "Scenario":
    if name in spec.loads.scenarios:
        return spec.loads.scenarios[name]
    raise Failure(
        where=f"{file}: load.scenarios",
        what=f"there is no scenario {name!r}",
        why=f"there are: {', '.join(spec.loads.scenarios)}",
        next="name one of them, or write it into golive.yaml",
        code=Exit.USAGE,
    )


def _constant(scenario: "Scenario", name: str, rate: int | None, seconds: int | None) -> "Scenario":
    """With another rate or length, where the scenario has one of each."""
    if rate is None and seconds is None:
        return scenario
    if len(scenario.stages) != 1 or scenario.stages[0].begin is not None:
        raise Failure(
            where=f"scenario {name}",
            what="--rate and --seconds do not fit it",
            why="its rate is not constant",
            next=f"write load.scenarios.{name} into golive.yaml as you want it",
            code=Exit.USAGE,
        )
    (stage,) = scenario.stages
    length = stage.duration if seconds is None else timedelta(seconds=seconds)
    return replace(scenario, stages=(replace(stage, rate=rate or stage.rate, duration=length),))


def _arrival(scenario: "Scenario", root: Path) -> "tuple[tuple[Segment, ...], tuple[Flow, ...]]":
    """When users arrive; from a trace also what they ask for."""
    from golive.drivers.load.schedule import constant

    if scenario.knee:
        return constant(scenario.knee.lowest, scenario.knee.step.total_seconds()).segments, ()
    if scenario.trace:
        return _recorded(root / scenario.trace, scenario)
    return tuple(map(_segment, scenario.stages)), ()


def _segment(stage: "LoadStage") -> "Segment":
    from golive.drivers.load.schedule import Segment

    begin = stage.rate if stage.begin is None else stage.begin
    return Segment(begin_per_s=float(begin), end_per_s=float(stage.rate), length_s=stage.duration.total_seconds())


def _recorded(path: Path, scenario: "Scenario") -> "tuple[tuple[Segment, ...], tuple[Flow, ...]]":
    from golive.drivers.load import trace

    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            found = trace.read(file)
    except OSError as error:
        raise _unread(scenario.trace, "the log cannot be read", error.strerror or str(error)) from error
    if not found.requests:
        why = f"{found.passed_over} lines, none a GET request of the common or combined log format"
        raise _unread(scenario.trace, "the log tells of no request", why)
    return trace.segments(found, scenario.speed), trace.flows(found)


def _unread(where: str, what: str, why: str) -> Failure:
    return Failure(where=where, what=what, why=why, next="mend the file, or name another", code=Exit.USAGE)


def _flows(spec: "Spec", recorded: "tuple[Flow, ...]", root: Path) -> "tuple[Flow, ...]":
    """What golive.yaml says, else what the log tells, else what smoke test and health checks ask for."""
    from golive.drivers.load.job import Flow, Step
    from golive.drivers.load.rows import rows

    if not spec.loads.flows:
        paths = default_paths(spec)
        return recorded or tuple(Flow(steps=(Step(name=f"GET {path}", path=path),)) for path in paths)
    made = tuple(
        Flow(
            weight=flow.weight,
            steps=tuple(
                Step(
                    name=step.name,
                    method=step.method,
                    path=step.path,
                    headers=step.headers,
                    body=step.body,
                    codes=step.codes,
                    capture=step.capture,
                    think_ms=step.think // timedelta(milliseconds=1),
                )
                for step in flow.steps
            ),
            rows=rows(root / flow.data, flow.data) if flow.data else (),
            cookies=flow.cookies,
        )
        for flow in spec.loads.flows
    )
    for number, flow in enumerate(made):
        _refuse_unknown(flow, number, spec.loads.flows[number].data)
    return made


def _refuse_unknown(flow: "Flow", number: int, data: str) -> None:
    """A variable that neither the data has nor an earlier step captures would spoil every request."""
    from golive.drivers.load.visit import variables

    known = set(flow.rows[0]) if flow.rows else set()
    for place, step in enumerate(flow.steps):
        lacking = sorted(variables(step) - known)
        if lacking:
            raise Failure(
                where=f"load.requests[{number}].steps[{place}]",
                what=f"${{{lacking[0]}}} is neither a column of {data or 'any data'} nor captured before",
                why=f"known here: {', '.join(sorted(known)) or 'nothing'}",
                next=f"add it to {data}, or capture it in an earlier step"
                if data
                else "capture it in an earlier step",
                code=Exit.USAGE,
            )
        known |= step.capture.keys()


def default_paths(spec: "Spec") -> tuple[str, ...]:
    """What the smoke test gets without a captured value, and where the health check looks."""
    smoke = [s.path for s in spec.smoke.steps if s.method == "GET" and "${" not in s.path] if spec.smoke else []
    health = [check.path for check in spec.health if check.kind == "http"]
    return tuple(dict.fromkeys((*smoke, *health))) or ("/",)


async def _place(file: str, chosen: "Environment") -> "Place":
    """Where the environment says that load goes, else its front door."""
    from golive.drivers.load.job import Place
    from golive.drivers.load.lookup import near_address

    if chosen.load.url:
        address = await near_address(
            chosen.load.url, f"environments.{chosen.name}.load", public=chosen.load.public
        )
        return Place(url=chosen.load.url.rstrip("/"), address=address, public=chosen.load.public)
    routing, unreachable = await read_back(folders(file).environment(chosen.name))
    if routing is None or not routing.entry:
        raise Failure(
            where=chosen.name,
            what="there is no front door to send requests to",
            why=unreachable or "nothing was deployed yet",
            next=f"golive deploy --env {chosen.name}",
        )
    return Place(url=routing.entry)


def _job(
    loads: "Loads",
    flows: "tuple[Flow, ...]",
    segments: "tuple[Segment, ...]",
    place: "Place",
    length_s: float,
    root: Path,
) -> "Job":
    from golive.drivers.load.job import Job
    from golive.drivers.targets.secrets import resolve

    return Job(
        places=(place,),
        segments=segments,
        flows=flows,
        headers={**loads.headers, **resolve(loads.secrets, root=root, environ=os.environ)},
        timeout_s=loads.timeout.total_seconds(),
        connections=loads.connections,
        interval_s=interval_s(length_s),
        ca=_certificates(root, loads.ca),
    )


def _certificates(root: Path, name: str) -> str:
    if not name:
        return ""
    try:
        return (root / name).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise _unread(name, "the certificates cannot be read", error.strerror or str(error)) from error


def _digest(name: str, scenario: "Scenario", job: "Job") -> str:
    """Of what is asked: not of where it goes, nor of a header's value, which may be a secret."""
    told = repr((name, scenario, job.segments, job.flows, sorted(job.headers), job.timeout_s, job.connections))
    return hashlib.sha256(told.encode()).hexdigest()


def _refuse_beyond(file: str, made: Wish) -> None:
    from golive.judge.performance.limits import CLAIM, beyond

    knee, limit = made.scenario.knee, made.environment.load
    rate = knee.highest if knee else made.peak
    reason = beyond(limit, rate, made.seconds)
    if not reason or waived(file, made.environment.name, CLAIM):
        return
    name = made.environment.name
    raise Failure(
        where=f"load on {name}",
        what=f"scenario {made.name} goes beyond its limits: {reason}",
        why=f"environments.{name}.load bounds what this environment gets"
        + (", little where it is not written, because it requires others" if made.environment.requires else ""),
        next=f"use another scenario or environment, raise the limit in golive.yaml, or have somebody who may sign "
        f"golive waive {CLAIM} --env {name} --reason …",
        code=Exit.REFUSED,
    )


def waived(file: str, environment: str, claim: str) -> bool:
    """Whether somebody who may has signed for going on without the claim, and that holds now."""
    from golive.assembly.desk import desk
    from golive.controller.gate import waivers

    if not (folders(file).evidence / "operations" / "records.jsonl").exists():
        return False
    with desk(file) as at:
        return claim in waivers(at, environment)
