"""What may be said of a claim, and that a gate passes on nothing less than proof."""

import csv
import io
import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.evidence.claim import Proof, Verdict
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.derived import READINGS, control
from golive.gate.claims.own import asked
from golive.gate.claims.statements import STATEMENTS
from golive.gate.claims.verdict import Judged, Waiver, verdict
from golive.gate.decision import LETS_PASS, decide
from golive.gate.outputs import assurance, machine, text
from golive.spec.parse import parse

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
CLAIM = CLAIMS["signed-off"]  # depends on artifact and policy
TODAY = {"artifact": "a", "policy": "p", "config": "c"}


def proof(**changes):
    plain = {
        "claim": CLAIM.id,
        "environment": "production",
        "answer": "proven",
        "because": "it was seen",
        "control": "red",
        "inputs": {"artifact": "a", "policy": "p", "config": "an older one"},
        "at": NOON,
        "seq": 7,
    }
    return Proof(**{**plain, **changes})


WAIVER = Waiver(
    claim=CLAIM.id, environment="production", person="ann", reason="later", until=NOON + timedelta(days=1), seq=9
)


def word(found, waiver=None, now=NOON, inputs=TODAY):
    return verdict(CLAIM, found, waiver, inputs, now).verdict


def test_proven_needs_proof_a_red_control_the_same_inputs_and_time():
    assert word(proof()) is Verdict.PROVEN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"answer": "refuted"}, Verdict.REFUTED),
        ({"answer": "declared"}, Verdict.UNPROVEN),
        ({"answer": "nothing"}, Verdict.UNPROVEN),
        ({"control": "green"}, Verdict.UNPROVEN),
        ({"control": "not run"}, Verdict.UNPROVEN),
        ({"inputs": {"artifact": "b", "policy": "p"}}, Verdict.STALE),
        ({"inputs": {"artifact": "a"}}, Verdict.STALE),
        ({"at": NOON - CLAIM.lifetime - timedelta(seconds=1)}, Verdict.STALE),
    ],
)
def test_anything_less_is_not_proven(changes, expected):
    assert word(proof(**changes)) is expected


def test_never_exercised_is_unproven():
    assert word(None) is Verdict.UNPROVEN


def test_a_waiver_covers_what_is_open_until_it_ends_and_says_what_it_covers():
    judged = verdict(CLAIM, proof(answer="refuted", because="bob said no"), WAIVER, TODAY, NOON)
    assert judged.verdict is Verdict.WAIVED
    assert "refuted: bob said no" in judged.because
    assert word(None, WAIVER, WAIVER.until) is Verdict.UNPROVEN
    assert word(proof(), WAIVER) is Verdict.PROVEN


PROOFS = st.builds(
    proof,
    answer=st.sampled_from(["proven", "refuted", "declared", "nothing"]),
    control=st.sampled_from(["red", "green", "not run"]),
    inputs=st.dictionaries(st.sampled_from(["artifact", "policy"]), st.sampled_from(["a", "p", "x"])),
    at=st.integers(0, 200).map(lambda days: NOON - timedelta(days=days)),
)


@given(st.one_of(st.none(), PROOFS), st.one_of(st.none(), st.just(WAIVER)))
def test_a_gate_passes_on_nothing_less_than_proof_or_a_waiver(found, waiver):
    judged = verdict(CLAIM, found, waiver, TODAY, NOON)
    decision = decide([judged], service="s", environment="production", phase="operations", now=NOON)
    good = (
        found is not None
        and (found.answer, found.control) == ("proven", "red")
        and all(found.inputs.get(name) == TODAY[name] for name in CLAIM.inputs)
        and NOON - found.at <= CLAIM.lifetime
    )
    assert decision.passed is (good or waiver is not None)


def test_a_gate_that_asks_for_nothing_is_not_passed():
    assert not decide([], service="s", environment="production", phase="operations", now=NOON).passed


def test_every_statement_of_the_protocol_has_its_claims_and_every_claim_a_statement():
    named = {claim for claims in STATEMENTS.values() for claim in claims}
    assert named == set(CLAIMS)
    assert len(STATEMENTS) == 15  # five steps of three statements


def test_every_claim_says_how_it_could_fail_and_what_to_do():
    for claim in CLAIMS.values():
        assert claim.control, claim.id
        assert claim.next, claim.id
        assert claim.lifetime > timedelta(0)
        assert claim.controls, claim.id


@pytest.mark.parametrize("claim", READINGS)
def test_every_derived_claim_is_refuted_by_the_opposite(claim):
    assert control(claim) == "red"


SPEC = b"""service: shop
owner: team
revision: {run: [app]}
environments:
  staging: {target: {kind: local}}
  production: {target: {kind: local}}
claims:
  - id: metrics-received
    statement: a metric arrives
    exercise: [./probe]
    control: [./probe, --unsent]
    controls: ["ISO:8.16"]
  - id: ours
    statement: ours is fine
    exercise: [./ours]
    control: [./ours, --bad]
    environments: [production]
"""


def test_a_team_adds_claims_and_gives_exercises_to_known_ones():
    spec = parse(SPEC, name="golive.yaml")
    assert "ours" not in asked(spec, "staging")
    found = asked(spec, "production")
    assert found["ours"].phase == "readiness"
    assert found["metrics-received"].exercise == "./probe"
    assert found["metrics-received"].controls == (*CLAIMS["metrics-received"].controls, "ISO:8.16")


# ── outputs


def decision(*words):
    judged = [
        Judged(claim=claim, verdict=word, because="a <b> & | `c` \x1b[31m", next="golive x --env ENV")
        for claim, word in zip(CLAIMS.values(), words, strict=False)
    ]
    return decide(judged, service="shop", environment="production", phase="operations", now=NOON)


EVERY = decision(*Verdict)


def test_junit_has_a_case_for_each_claim_and_a_failure_for_each_that_is_open():
    suite = ElementTree.fromstring(machine.junit(EVERY))
    assert (suite.get("tests"), suite.get("failures")) == ("5", "3")
    failed = {case.get("name") for case in suite if case.find("failure") is not None}
    assert failed == {one.claim.id for one in EVERY.judged if one.verdict not in LETS_PASS}
    assert not suite.findall("./testcase/skipped")


def test_sarif_has_what_its_readers_need():
    log = json.loads(machine.sarif(EVERY))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [r["level"] for r in run["results"]] == ["error", "warning", "warning", "note"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "golive.yaml"


def test_markdown_stays_in_its_table():
    lines = [line for line in text.markdown(EVERY).splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 5
    assert all(line.replace("\\|", "").count("|") == 6 for line in lines)
    assert "<b>" not in text.markdown(EVERY).replace("\\<b\\>", "")


def test_text_begins_with_the_state_and_ends_each_open_claim_with_a_command():
    told = text.text(EVERY).splitlines()
    assert told[0] == (
        "production: the operations gate is not passed: 1 proven, 1 refuted, 1 unproven, 1 stale, 1 waived"
    )
    assert "      next: golive x --env production" in told


def test_oscal_has_what_its_schema_asks_for_and_is_the_same_each_time():
    body = json.loads(assurance.oscal(EVERY))["assessment-results"]
    assert assurance.oscal(EVERY) == assurance.oscal(EVERY)
    assert set(body) == {"uuid", "metadata", "import-ap", "results"}
    assert {"title", "last-modified", "version", "oscal-version"} == set(body["metadata"])
    (result,) = body["results"]
    observations = {one["uuid"] for one in result["observations"]}
    assert len(observations) == len(EVERY.judged)
    for finding in result["findings"]:
        assert {one["observation-uuid"] for one in finding["related-observations"]} <= observations
        assert re.fullmatch(r"[a-z]{2}-[0-9]+(\.[0-9]+)?_obj", finding["target"]["target-id"])
        assert finding["target"]["status"]["state"] in ("satisfied", "not-satisfied")
    ids = re.findall(r'"uuid": "([^"]+)"', assurance.oscal(EVERY))
    assert len(ids) == len(set(ids))
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", i) for i in ids
    )


def test_a_uuid_is_what_the_standard_library_makes():
    assert assurance._uuid("x") == str(uuid.uuid5(uuid.NAMESPACE_URL, assurance.CATALOG + "x"))


def test_an_open_claim_leaves_its_controls_open():
    (result,) = json.loads(assurance.oscal(EVERY))["assessment-results"]["results"]
    states = {f["title"]: f["target"]["status"]["state"] for f in result["findings"]}
    proven, refuted = EVERY.judged[0].claim.controls[1], EVERY.judged[1].claim.controls[1]
    assert states[refuted] == "not-satisfied"
    assert proven in states


def test_the_table_of_controls_names_all_frameworks_and_claims():
    rows = list(csv.DictReader(io.StringIO(assurance.table(EVERY))))
    frameworks = {"SOC2", "ISO27001", "NIST", "DORA", "RTS2024/1774"}
    assert {row["control"].partition(":")[0] for row in rows} == frameworks
    assert {row["claim"] for row in rows} == {one.claim.id for one in EVERY.judged}
