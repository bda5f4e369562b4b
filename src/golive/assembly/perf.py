"""A load scenario on a running environment, measured and judged."""

import asyncio
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.beginnings import load
from golive.assembly.desk import desk
from golive.assembly.place import environment_of, specification
from golive.assembly.seal import log_key
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.drivers.load.report import Report
    from golive.evidence.record import Json
    from golive.judge.verdict import Verdict
    from golive.spec.values import Spec

SCHEMA = "golive.perf/v1"
LATEST_S = 0.25  # how often progress is told


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is sent: GET requests at a constant rate."""

    name: str = "smoke"
    rate: int = 20  # requests per second
    seconds: int = 10


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a scenario showed."""

    scenario: Scenario
    report: "Report"
    body: "dict[str, Json]"
    verdict: "Verdict"


def environment_for_load(file: str, asked: str) -> str:
    """The one that is named, else the first that production requires, else the only one."""
    spec, _ = specification(file)
    if asked:
        return environment_of(spec, asked, file).name
    before = [name for place in spec.environments.values() for name in place.requires]
    return (before or list(spec.environments))[0]


async def perf(file: str, environment: str, scenario: Scenario, watch: Callable[[str], None]) -> Measured:
    """Put the load on the front door and judge it by the objectives of golive.yaml."""
    from golive.judge.load import Load, judge_load

    spec, _ = specification(file)
    paths = _paths(spec)
    async with await load(file, environment, rate=scenario.rate, paths=paths) as run:
        for _ in range(round(scenario.seconds / LATEST_S)):
            await asyncio.sleep(LATEST_S)
            watch(_progress(run.latest))
        report = await run.stop()
    measured = Load(
        sent=report.sent,
        failed=report.failed,
        elapsed_s=report.elapsed_s,
        quantiles_ms={500_000: report.p50_ms, 950_000: report.p95_ms, 990_000: report.p99_ms},
        late_p99_ms=report.late_p99_ms,
    )
    verdict = judge_load(measured, spec.objectives)
    body = _body(environment, scenario, paths, spec, report, verdict)
    return Measured(scenario=scenario, report=report, body=body, verdict=verdict)


def _progress(report: "Report") -> str:
    told = f"{report.sent} requests, {report.failed} failed, p99 {report.p99_ms} ms"
    return f"{report.elapsed_s:5.1f} s  {told}"


def keep_measured(file: str, measured: Measured, output: Path) -> None:
    """Write the file that was asked for, whole or not at all, and record what was measured.

    The record vouches for a copy of its own: the file that was asked for is written anew by the next run.
    """
    text = (json.dumps(measured.body, indent=2) + "\n").encode()
    from golive.controller.attesting import attested_load

    spec, environment = specification(file)[0], str(measured.body["environment"])
    with desk(file) as at:
        name = f"perf/{hashlib.sha256(text).hexdigest()[:16]}.json"
        kept = at.artifacts.keep(name, text, "application/json")
        verdict: dict[str, Json] = {"answer": str(measured.verdict.answer), "because": measured.verdict.because}
        said: dict[str, Json] = {"scenario": measured.body["scenario"], **verdict}
        result = "ok" if measured.verdict.answer == "pass" else "failed"
        attested = attested_load(at, log_key(file), spec.service, environment, _claimed(measured, spec))
        journal = at.journal(environment)
        journal.append("perf.measured", body=said, result=result, artifacts=(kept, *attested))  # type: ignore[arg-type]
    _replace(output, text)


def _claimed(measured: Measured, spec: "Spec") -> "dict[str, Json]":
    """The same as the attestation says it, in whole numbers."""
    report = measured.report
    return {
        "scenario": str(measured.body["scenario"]),
        "ratePerSecond": measured.scenario.rate,
        "seconds": measured.scenario.seconds,
        "requests": report.sent,
        "failed": report.failed,
        "latencyMicroseconds": {
            "p50": round(report.p50_ms * 1000),
            "p95": round(report.p95_ms * 1000),
            "p99": round(report.p99_ms * 1000),
        },
        "configDigest": spec.digest,
        "verdict": str(measured.verdict.answer),
        "because": measured.verdict.because,
    }


def _replace(output: Path, text: bytes) -> None:
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Failure(
            where=str(output),
            what="the result cannot be written here",
            why=error.strerror or str(error),
            next="name another file with --output",
            code=Exit.USAGE,
        ) from error


def _paths(spec: "Spec") -> tuple[str, ...]:
    """What the smoke test gets without a captured value, and where the health check looks."""
    smoke = [s.path for s in spec.smoke.steps if s.method == "GET" and "${" not in s.path] if spec.smoke else []
    health = [check.path for check in spec.health if check.kind == "http"]
    return tuple(dict.fromkeys((*smoke, *health))) or ("/",)


def _body(
    environment: str,
    scenario: Scenario,
    paths: tuple[str, ...],
    spec: "Spec",
    report: "Report",
    verdict: "Verdict",
) -> "dict[str, Json]":
    """As the file holds it; shapes are in `docs/reference/evidence.md`."""
    objectives = spec.objectives
    return {
        "schema_version": SCHEMA,
        "environment": environment,
        "scenario": scenario.name,
        "load": {"rate_per_s": scenario.rate, "seconds": scenario.seconds, "paths": list(paths)},
        "requests": report.sent,
        "failed": report.failed,
        "error_ratio": _number(report.failed / report.sent if report.sent else 0),
        "throughput_per_s": _number(report.ok / report.elapsed_s if report.elapsed_s else 0),
        "latency_ms": {
            "p50": _number(report.p50_ms),
            "p95": _number(report.p95_ms),
            "p99": _number(report.p99_ms),
        },
        "generator_late_p99_ms": _number(report.late_p99_ms),
        "by_revision": dict(report.by_revision),
        "causes": dict(report.causes),
        "thresholds": {
            "error_rate_ppm": objectives.error_rate_ppm,
            "min_requests": objectives.min_requests,
            "latency": [asdict(one) for one in objectives.latency],
        },
        "verdict": {"answer": str(verdict.answer), "because": verdict.because},
    }


def _number(value: float) -> "Json":
    return round(value, 4)  # type: ignore[return-value]
