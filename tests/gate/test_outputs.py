"""What other tools read of a gate: the essential rules of SARIF 2.1.0, held against every verdict."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from golive.evidence.claim import Verdict
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.verdict import Judged
from golive.gate.decision import decide
from golive.gate.outputs import machine, text

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TEXT = {"text": str}
# Every key that is written, with its type.
LOCATION = {"physicalLocation": {"artifactLocation": {"uri": str}, "region": {"startLine": int}}}
RULE = {"id": str, "shortDescription": TEXT, "help": TEXT, "properties": {"tags": [str]}}
RESULT = {
    "ruleId": str,
    "ruleIndex": int,
    "level": str,
    "message": TEXT,
    "locations": [LOCATION],
    "partialFingerprints": {"claim/v1": str},
}
RUN = {
    "tool": {"driver": {"name": str, "version": str, "rules": [RULE]}},
    "automationDetails": {"id": str},
    "results": [RESULT],
}
SCHEMA = {"$schema": str, "version": str, "runs": [RUN]}


def faults(value, schema, at="log"):
    """Where a document is not as its schema says."""
    if isinstance(schema, dict):
        if not isinstance(value, dict) or value.keys() != schema.keys():
            return [f"{at}: {value!r}"]
        return [fault for key in schema for fault in faults(value[key], schema[key], f"{at}.{key}")]
    if isinstance(schema, list):
        if not isinstance(value, list):
            return [f"{at}: {value!r}"]
        return [fault for n, one in enumerate(value) for fault in faults(one, schema[0], f"{at}[{n}]")]
    return [] if isinstance(value, schema) else [f"{at}: {value!r}"]


def sarif(*verdicts, environment="production"):
    judged = [
        Judged(claim=replace(claim, controls=("A", "B", "A")), verdict=word, because="why", next="")
        for claim, word in zip(CLAIMS.values(), verdicts, strict=False)
    ]
    gate = decide(judged, service="shop", environment=environment, phase="operations", now=NOON)
    return json.loads(machine.sarif(gate))


@pytest.mark.parametrize("verdicts", [tuple(Verdict), (Verdict.PROVEN,), (), (Verdict.STALE,) * 40])
def test_sarif_has_the_shape_that_its_readers_take(verdicts):
    log = sarif(*verdicts)
    assert faults(log, SCHEMA) == []
    (run,) = log["runs"]
    for result in run["results"]:
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
    for rule in run["tool"]["driver"]["rules"]:
        assert len(rule["properties"]["tags"]) == len(set(rule["properties"]["tags"]))


def test_the_findings_of_one_environment_do_not_replace_those_of_another():
    ids = {sarif(environment=e)["runs"][0]["automationDetails"]["id"] for e in ("staging", "production")}
    assert ids == {"golive-gate/staging/operations/", "golive-gate/production/operations/"}


@pytest.mark.parametrize("form", [machine.junit, machine.sarif, text.text, text.markdown, lambda g: str(g.body())])
def test_every_form_names_the_environment_in_the_next_command(form):
    judged = [Judged(claim=CLAIMS["deployed"], verdict=Verdict.STALE, because="why", next="golive x --env ENV")]
    told = form(decide(judged, service="shop", environment="production", phase="operations", now=NOON))
    assert "golive x --env production" in told
    assert "ENV" not in told
