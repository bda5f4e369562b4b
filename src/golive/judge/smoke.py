"""Smoke tests: which request a step sends, and what its answer is worth. Pure; the controller sends.

JSON paths have a small form of their own: names and indices, such as `items[0].id`, `[1]`, `a.b`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from golive.evidence.record import Json
from golive.judge.probe import Reply, Request
from golive.judge.verdict import Answer, Verdict
from golive.spec.jsonpath import steps
from golive.spec.values import Expectation, SmokeStep

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SHOWN = 80  # characters of an answer that a finding repeats

MISSING = object()


@dataclass(frozen=True, kw_only=True)
class StepReport:
    """How one step went; no findings is a pass."""

    step: str
    reply: Reply
    findings: tuple[str, ...]


def request(
    step: SmokeStep, base_url: str, header: tuple[str, str] | None, captured: Mapping[str, str]
) -> Request:
    """The request of a step, captured values filled in. `header` marks it for one revision."""
    headers = {name: fill(value, captured) for name, value in step.headers.items()}
    return Request(
        method=step.method,
        url=base_url + fill(step.path, captured),
        headers=headers | (dict([header]) if header else {}),
        body=None if step.body is None else fill(step.body, captured),
        timeout=step.timeout,
    )


def fill(text: str, captured: Mapping[str, str]) -> str:
    """`${name}` replaced by what was captured; a name that was not captured stays as it is."""
    return VARIABLE.sub(lambda found: captured.get(found[1], found[0]), text)


def examine(step: SmokeStep, reply: Reply) -> tuple[tuple[str, ...], dict[str, str]]:
    """What is wrong with the answer, and what was captured from it."""
    if reply.fault:
        return (f"no answer: {reply.fault}",), {}
    document = _document(reply.text)
    findings = (*_plain_findings(step.expect, reply), *_json_findings(step.expect, document))
    captured: dict[str, str] = {}
    missing: list[str] = []
    for name, path in step.capture.items():
        value = find(document, path)
        if value is MISSING:
            missing.append(f"nothing to capture at {path}")
        else:
            captured[name] = value if isinstance(value, str) else json.dumps(value)
    return (*findings, *missing), captured


def conclude(reports: tuple[StepReport, ...]) -> Verdict:
    """PASS when every step that ran has no finding; no steps at all is INCONCLUSIVE."""
    if not reports:
        return Verdict(answer=Answer.INCONCLUSIVE, because="the smoke test has no steps")
    failed = next((report for report in reports if report.findings), None)
    if failed is None:
        slowest = max(report.reply.elapsed_ms for report in reports)
        return Verdict(
            answer=Answer.PASS,
            because=f"{len(reports)} smoke step{'s' * (len(reports) != 1)} passed, the slowest in {slowest} ms",
            requests=len(reports),
        )
    return Verdict(
        answer=Answer.FAIL,
        because=f"smoke step {failed.step!r}: {'; '.join(failed.findings)}",
        requests=len(reports),
        errors=1,
    )


def report_body(reports: tuple[StepReport, ...]) -> Json:
    """The report that is kept as evidence."""
    return {
        "steps": [
            {
                "step": report.step,
                "code": report.reply.code,
                "elapsed_ms": report.reply.elapsed_ms,
                "fault": report.reply.fault,
                "findings": list(report.findings),
            }
            for report in reports
        ]
    }


def find(document: object, path: str) -> object:
    """The value at a JSON path, or `MISSING`."""
    return reduce(_inside, steps(path), document)


def _inside(value: object, step: str | int) -> object:
    match value, step:
        case dict(), str():
            return value.get(step, MISSING)
        case list(), int() if step < len(value):
            return value[step]
    return MISSING


def _plain_findings(expect: Expectation, reply: Reply) -> list[str]:
    findings = []
    if expect.code is not None and reply.code != expect.code:
        findings.append(f"code {reply.code}, expected {expect.code}")
    for name, part in expect.headers.items():
        value = reply.headers.get(name.lower())
        if value is None:
            findings.append(f"header {name} is missing, expected {part!r}")
        elif part not in value:
            findings.append(f"header {name} is {value[:SHOWN]!r}, expected {part!r}")
    if expect.text is not None and expect.text not in reply.text:
        findings.append(f"the text {expect.text!r} does not occur in {reply.text[:SHOWN]!r}")
    if expect.latency_ms is not None and reply.elapsed_ms > expect.latency_ms:
        findings.append(f"took {reply.elapsed_ms} ms, expected at most {expect.latency_ms} ms")
    return findings


def _json_findings(expect: Expectation, document: object) -> list[str]:
    findings = []
    for path, wanted in expect.json.items():
        value = find(document, path)
        if value is MISSING:
            findings.append(f"{path} is missing, expected {json.dumps(wanted)}")
        elif not _same(value, wanted):
            findings.append(f"{path} is {json.dumps(value)[:SHOWN]}, expected {json.dumps(wanted)}")
    return findings


def _document(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return MISSING


def _same(value: object, wanted: object) -> bool:
    """Equal as JSON, at any depth: 1 and 1.0 are, 1 and true or "1" are not."""
    match value, wanted:
        case (bool(), _) | (_, bool()):
            return value is wanted
        case list(), list():
            return len(value) == len(wanted) and all(map(_same, value, wanted))
        case dict(), dict():
            return value.keys() == wanted.keys() and all(_same(value[key], wanted[key]) for key in wanted)
    return value == wanted
