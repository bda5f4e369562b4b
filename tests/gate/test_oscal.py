"""The export for auditors is a document that OSCAL's own rules accept, whatever the gate found."""

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta
from itertools import cycle

import pytest

from golive.evidence.claim import Proof, Verdict
from golive.evidence.record import Artifact
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.verdict import Judged
from golive.gate.decision import decide
from golive.gate.outputs import assurance

NOON = datetime(2026, 1, 2, 12, 0, 0, 5000, tzinfo=UTC)
EARLIER = NOON - timedelta(days=3)
FILE = Artifact(path="operations/a.json", sha256="a" * 64, size_bytes=3, media_type="text/plain")


def judged(claim, verdict, because="it was tried", files=()):
    proof = Proof(
        claim=claim.id,
        environment="production",
        answer="proven",
        because=because,
        control="red",
        inputs={},
        at=EARLIER,
        seq=7,
        artifacts=files,
    )
    return Judged(claim=claim, verdict=verdict, because=because, next="", proof=proof if files else None)


def gate(*found):
    return decide(found, service="shop", environment="production", phase="operations", now=NOON)


FIRST = next(iter(CLAIMS.values()))
GATES = {
    "every claim, every verdict": gate(*map(judged, CLAIMS.values(), cycle(Verdict))),
    "with files": gate(judged(FIRST, Verdict.PROVEN, files=(FILE, FILE))),
    "nothing judged": gate(),
    "no control named": gate(judged(dataclasses.replace(FIRST, controls=()), Verdict.REFUTED)),
    "a control of somebody's own": gate(judged(dataclasses.replace(FIRST, controls=("OWN:1",)), Verdict.PROVEN)),
    "words on several lines": gate(judged(FIRST, Verdict.STALE, because="  one\n\ntwo\t ")),
    "no words": gate(judged(FIRST, Verdict.UNPROVEN, because="")),
}


@pytest.mark.parametrize("name", GATES)
def test_another_implementation_of_oscal_reads_it(name, tmp_path):
    reason = "compliance-trestle is not installed (88 MB, so it is no dependency of the tests)"
    oscal = pytest.importorskip("trestle.oscal.assessment_results", reason=reason)
    (tmp_path / "results.json").write_text(assurance.oscal(GATES[name]))
    read = oscal.AssessmentResults.oscal_read(tmp_path / "results.json")
    assert len(read.results[0].observations or []) == len(GATES[name].judged)


@pytest.mark.parametrize("name", GATES)
def test_no_list_is_empty_and_no_value_breaks_the_rules(name):
    """What trestle refuses: empty lists and texts, names and values of properties that are no tokens."""
    body = json.loads(assurance.oscal(GATES[name]))
    for value in every_value(body):
        assert value not in ("", [])
    (result,) = body["assessment-results"]["results"]
    for one in result.get("observations", []):
        for prop in one["props"]:
            assert re.fullmatch(r"[A-Za-z_][\w.-]*", prop["name"])
            assert re.fullmatch(r"\S(.*\S)?", prop["value"])
    (selection,) = result["reviewed-controls"]["control-selections"]
    assert ("include-all" in selection) != ("include-controls" in selection)


def every_value(body):
    yield body
    if isinstance(body, dict | list):
        for value in body.values() if isinstance(body, dict) else body:
            yield from every_value(value)


def test_an_observation_was_collected_when_its_exercise_ran():
    (result,) = json.loads(assurance.oscal(GATES["with files"]))["assessment-results"]["results"]
    assert [one["collected"] for one in result["observations"]] == ["2025-12-30T12:00:00.005Z"]
    assert result["start"] == "2026-01-02T12:00:00.005Z"
    assert [file["href"] for file in result["observations"][0]["relevant-evidence"]] == [
        f"evidence/{FILE.path}"
    ] * 2
