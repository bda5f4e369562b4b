"""The attestations of a real run: what they say, that they stand alone, and that their schemas describe them."""

import asyncio
import json

import jsonschema
import pytest

from golive import assembly
from golive.controller import rollouts
from golive.evidence.signing import dsse, statement
from golive.evidence.signing.predicates import BASE
from golive.evidence.signing.predicates.outcomes import DEPLOYMENT, ROLLBACK, TEST_RESULT, rollback
from golive.evidence.signing.predicates.schemas import SCHEMAS
from golive.evidence.signing.predicates.signoff import signoff_from
from golive.evidence.signing.predicates.waiver import SignedWaiver, waiver_from
from victim import ANN, BOB, LOG, SECOND, Story
from victim import Head as _Head


@pytest.fixture(scope="module")
def envelopes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    Story(folder).play()
    return {
        str(path): dsse.read(path.read_bytes(), path.name)
        for path in folder.joinpath("evidence").rglob("*.dsse.json")
    }


def said(envelope):
    return statement.read(envelope.payload, "statement")


def test_every_own_statement_fits_its_schema(envelopes):
    own = [said(e) for e in envelopes.values() if said(e).predicate_type.startswith(BASE)]
    assert {s.predicate_type.removeprefix(BASE) for s in own} == {
        "signoff/v1",
        "roster/v1",
        "policy/v1",
        "deployment/v1",
    }
    for one in own:
        jsonschema.validate(json.loads(one.encoded())["predicate"], SCHEMAS[one.predicate_type])


def test_a_way_back_and_a_waiver_fit_theirs():
    back = rollback("a" * 64, environment="production", rollout="r", outcome="rolled_back", took_us=None)
    jsonschema.validate(json.loads(back.encoded())["predicate"], SCHEMAS[ROLLBACK])


def test_schemas_are_schemas_and_refuse_what_is_not_described():
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"more": 1}, schema)


def test_a_deploy_is_attested_by_the_logs_key_about_the_build(envelopes):
    found = [e for e in envelopes.values() if said(e).predicate_type == DEPLOYMENT]
    assert len(found) == 2
    for envelope in found:
        assert envelope.signed_by([LOG.public, ANN.public]) == {LOG.public}
    last = said(max(found, key=lambda e: int(said(e).predicate["record"])))
    assert last.subjects[0].sha256 == SECOND.digest
    assert last.predicate["outcome"] == "succeeded"
    assert not [e for e in envelopes.values() if said(e).predicate_type == TEST_RESULT]  # it has no smoke test


def test_each_person_has_an_envelope_of_their_own(envelopes):
    signoffs = {name: e for name, e in envelopes.items() if name.endswith("approve.dsse.json")}
    people = {signoff_from(said(e)).person: e.signed_by([ANN.public, BOB.public]) for e in signoffs.values()}
    assert people == {"ann": {ANN.public}, "bob": {BOB.public}}


def test_a_waiver_is_read_as_it_was_written():
    from datetime import UTC, datetime, timedelta

    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    waiver = SignedWaiver(
        claim="x",
        environment="production",
        person="ann",
        role="lead",
        reason="later",
        head=_Head(seq=1, digest="a" * 64),
        signed_at=noon,
        not_after=noon + timedelta(days=1),
    )
    assert waiver_from(waiver.statement()) == waiver
    jsonschema.validate(dict(waiver.statement().predicate), SCHEMAS[BASE + "waiver/v1"])


def test_a_controller_that_dies_before_the_first_seal_leaves_evidence_that_holds(tmp_path):
    story = Story(tmp_path)
    deploy = rollouts.deploy(story.site(SECOND), why="", watch=lambda moment: None)
    assert asyncio.run(deploy).outcome == "succeeded"
    story.ledger.close()
    found, _ = assembly.verified(tmp_path / "evidence", None)
    assert found.signed_size == 0
    types = [record.draft.type for record in Story(tmp_path).ledger.read()]
    assert types.index("log.key") < types.index("attestation.made")
