"""A load scenario on a running environment, measured, judged, compared and kept."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.assembly.desk import desk
from golive.assembly.loads.history import compared
from golive.assembly.loads.measure import Moment, Watch, measured
from golive.assembly.loads.turns import Turns
from golive.assembly.loads.wish import Wish
from golive.assembly.place import folders
from golive.assembly.seal import log_key
from golive.assembly.views import past_of
from golive.errors import Exit, Failure
from golive.judge.performance import knee as knees
from golive.judge.verdict import Answer, Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from golive.evidence.record import Json, Result
    from golive.judge.performance.measured import Measured
    from golive.judge.performance.perfjson import Subject

REGRESSION = "performance-kept"  # the claim that a waiver of a deviation names


@dataclass(frozen=True, kw_only=True)
class Performed:
    """What a scenario showed, as perf.json holds it."""

    wish: Wish
    measured: "Measured"
    body: dict[str, Any]
    verdict: Verdict

    @property
    def is_result(self) -> bool:
        """Whether it says something of the service."""
        return self.verdict.answer is not Answer.INCONCLUSIVE


async def perf(file: str, wish: Wish, watch: Watch, tell: Callable[[str], None]) -> Performed:
    """Make the load and judge it by the objectives of golive.yaml, and beside the last accepted run like it."""
    from golive.drivers.clock import SystemClock
    from golive.judge.performance.perfjson import body
    from golive.judge.performance.verdict import judge_load

    began = SystemClock().now()
    if wish.scenario.knee:
        return await _stress(file, wish, watch, tell, began)
    found = await measured(file, wish, watch)
    verdict = judge_load(found, wish.spec.objectives)
    told = body(_subject(file, wish, found, began), found, wish.spec.objectives, verdict)
    told["comparison"] = compared(file, told)
    return Performed(wish=wish, measured=found, body=told, verdict=_with_regression(file, verdict, told, wish))


async def _stress(
    file: str, wish: Wish, watch: Watch, tell: Callable[[str], None], began: "datetime"
) -> Performed:
    """Rate by rate; perf.json holds the step at the rate that was found."""
    from golive.judge.performance.perfjson import body
    from golive.judge.performance.verdict import judge_load

    assert wish.scenario.knee
    knee, tried = wish.scenario.knee, list[knees.Tried]()
    best: Measured | None = None
    last: Measured | None = None
    while (rate := knees.next_rate(tried, knee)) is not None:
        last = await measured(file, wish.at(rate, knee.step.total_seconds()), _phased(watch, f"{rate} requests/s"))
        if last.ended == "interrupted":
            break
        tried.append(_tried(rate, last, judge_load(last, _few(wish))))
        tell(f"{rate} requests/s: {'holds' if tried[-1].holds else 'does not hold'}, {tried[-1].because}")
        if tried[-1].holds:
            best = last
    found = best or last
    assert found
    verdict = judge_load(found, _few(wish))
    interrupted = last is not None and last.ended == "interrupted"
    told = body(_subject(file, wish, found, began), found, wish.spec.objectives, verdict)
    told["knee"] = knees.body(tried, knee)
    sentence = knees.sentence(tried, knee)
    answer = Answer.PASS if knees.highest(tried) else Answer.FAIL
    if interrupted or (answer is Answer.FAIL and not knees.is_bound(tried)):
        answer = Answer.INCONCLUSIVE
    verdict = replace(verdict, answer=answer, because="it ended before its time" if interrupted else sentence)
    told["verdict"] = {"answer": str(verdict.answer), "because": verdict.because}
    return Performed(wish=wish, measured=found, body=told, verdict=verdict)


def _few(wish: Wish) -> Any:
    """A step of the search is short: how many requests it has, its rate says."""
    return replace(wish.spec.objectives, min_requests=2)


def _tried(rate: int, found: "Measured", verdict: Verdict) -> knees.Tried:
    achieved = found.ok / max(found.elapsed_s, 0.001)
    own_fault = verdict.answer is Answer.INCONCLUSIVE
    holds = verdict.answer is Answer.PASS and achieved >= knees.ACHIEVED * rate
    because = verdict.because
    if verdict.answer is Answer.PASS and not holds:
        because = f"{achieved:.0f} of {rate} requests/s were answered"
    latency = found.latency()
    return knees.Tried(
        rate_per_s=rate,
        achieved_per_s=round(achieved, 1),
        p99_ms=latency.quantile_ms(0.99) if latency.counts else None,
        error_ratio=round(found.failed / found.sent, 6) if found.sent else 0.0,
        holds=holds,
        because=because,
        own_fault=own_fault,
    )


def _phased(watch: Watch, phase: str) -> Watch:
    def told(moment: Moment) -> None:
        watch(replace(moment, phase=phase))

    return told


def _with_regression(file: str, verdict: Verdict, told: Mapping[str, Any], wish: Wish) -> Verdict:
    """A run that is worse than the last accepted one fails, unless somebody has signed for it."""
    from golive.assembly.loads.wish import waived

    comparison = told["comparison"]
    if verdict.answer is not Answer.PASS or not comparison or comparison["answer"] != "worse":
        return verdict
    if waived(file, wish.environment.name, REGRESSION):
        return replace(verdict, because=f"{verdict.because}; {comparison['because']}, which is waived")
    return replace(verdict, answer=Answer.FAIL, because=comparison["because"])


def _subject(file: str, wish: Wish, found: "Measured", began: "datetime") -> "Subject":
    from golive.drivers.load.machine import machine
    from golive.judge.performance.perfjson import Subject

    live = past_of(folders(file), wish.environment.name).live
    return Subject(
        run=f"{began:%Y%m%dt%H%M%S}-{secrets.token_hex(2)}",
        began=began,
        service=wish.spec.service,
        environment=wish.environment.name,
        url=wish.job.places[0].url,
        revision=live.digest if live else "",
        config_digest=wish.spec.digest,
        scenario=wish.told(),
        scenario_digest=wish.digest,
        machine=machine(found.generator.engine, found.generator.version),
    )


def keep(file: str, performed: Performed, output: Path) -> dict[str, Path]:
    """Write perf.json and the reports beside it, whole or not at all, and record what was measured.

    The record vouches for a copy of its own: the files that were asked for are written anew by the next run. What
    is no result is neither recorded nor written under the name that was asked for, but as NAME.partial.json.
    """
    told = {**performed.body, "verdict": _said(performed.verdict)}
    text = (json.dumps(told, indent=1) + "\n").encode()
    if not performed.is_result:
        partial = output.with_name(f"{output.stem}.partial{output.suffix or '.json'}")
        replace_file(partial, text)
        return {"partial": partial}
    _record(file, performed, text)
    return write_reports(told, text, output)


def write_reports(told: Mapping[str, Any], text: bytes, output: Path) -> dict[str, Path]:
    """perf.json with its page, summary and JUnit file beside it."""
    from golive.judge.performance.report.junit import junit
    from golive.judge.performance.report.markdown import markdown
    from golive.judge.performance.report.page import page

    made = {"json": text, "html": page(told).encode(), "md": markdown(told).encode(), "xml": junit(told).encode()}
    names = {kind: output if kind == "json" else output.with_suffix(f".{kind}") for kind in made}
    for kind, content in made.items():
        replace_file(names[kind], content)
    return names


def rewrite_reports(result: Path) -> dict[str, Path]:
    """Page, summary and JUnit file of a perf.json that is there. `Failure` for what is none."""
    from golive.judge.performance.perfjson import VERSION

    try:
        text = result.read_bytes()
        told = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise _unread(result, str(error)) from error
    if not isinstance(told, dict) or told.get("schema_version") != VERSION:
        raise _unread(result, f"its schema_version is not {VERSION}")
    try:
        return write_reports(told, text, result)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unread(result, f"a part is missing or of another kind: {error!r}") from error


def _unread(result: Path, why: str) -> Failure:
    return Failure(
        where=str(result),
        what="this is no result of golive perf",
        why=why,
        next="name a perf.json; its schema: golive perf schema",
        code=Exit.USAGE,
    )


def keep_turns(file: str, turns: Turns, output: Path) -> dict[str, Path]:
    """Write the result of a comparison with its reports, and record what it said."""
    text = (json.dumps(turns.body, indent=1) + "\n").encode()
    comparison = turns.body["comparison"]
    with desk(file) as at:
        kept = at.artifacts.keep(f"perf/{turns.body['run']}-compare.json", text, "application/json")
        said: dict[str, Json] = {
            "run": turns.body["run"],
            "revision": turns.body["revision"],
            "against": comparison["with_revision"],
            "answer": comparison["answer"],
            "because": comparison["because"],
        }
        result: Result = "failed" if comparison["answer"] == "worse" else "ok"
        at.journal(turns.wish.environment.name).append(
            "perf.compared", body=said, result=result, artifacts=(kept,)
        )
    return write_reports(turns.body, text, output)


def _said(verdict: Verdict) -> dict[str, str]:
    return {"answer": str(verdict.answer), "because": verdict.because}


def _record(file: str, performed: Performed, text: bytes) -> None:
    from golive.controller.attesting import attested_load

    wish, body = performed.wish, performed.body
    with desk(file) as at:
        name = f"perf/{body['run']}-{hashlib.sha256(text).hexdigest()[:8]}.json"
        kept = at.artifacts.keep(name, text, "application/json")
        said: dict[str, Json] = {
            "run": body["run"],
            "scenario": wish.name,
            "scenario_digest": wish.digest,
            "revision": body["revision"],
            "config_digest": body["config_digest"],
            "fingerprint": body["machine"]["fingerprint"],
            "capacity_per_s": body["knee"]["rate_per_s"] if body["knee"] else None,
            **_said(performed.verdict),
        }
        result = "ok" if performed.verdict.answer is Answer.PASS else "failed"
        attested = attested_load(at, log_key(file), wish.spec.service, wish.environment.name, _claimed(performed))
        journal = at.journal(wish.environment.name)
        journal.append("perf.measured", body=said, result=result, artifacts=(kept, *attested))  # type: ignore[arg-type]


def _claimed(performed: Performed) -> "dict[str, Json]":
    """The same as the attestation says it, in whole numbers."""
    found, wish = performed.measured, performed.wish
    p50, p95, p99 = found.latency().quantiles_ms((0.5, 0.95, 0.99))
    asked = performed.body["totals"]["asked_per_s"]
    return {
        "scenario": wish.name,
        "ratePerSecond": round(asked),
        "seconds": round(found.elapsed_s),
        "requests": found.sent,
        "failed": found.failed,
        "latencyMicroseconds": {"p50": round(p50 * 1000), "p95": round(p95 * 1000), "p99": round(p99 * 1000)},
        "configDigest": wish.spec.digest,
        "verdict": str(performed.verdict.answer),
        "because": performed.verdict.because,
    }


def replace_file(output: Path, text: bytes) -> None:
    """Write a file so that it is there whole or as it was before."""
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
