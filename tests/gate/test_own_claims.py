"""A team's own claims: what they may stand in for, and that they never ask for less than golive does."""

from datetime import timedelta

import pytest

from golive.errors import Exit, Failure
from golive.gate.claims.catalogue import CLAIMS, OPEN
from golive.gate.claims.derived import READINGS
from golive.gate.claims.own import CHANNELS, asked, configured
from golive.spec.parse import parse

HEAD = """service: shop
owner: team
revision: {run: [app]}
environments: {production: {target: {kind: local}}}
"""
CHANNEL = "{send: [./send], received: [./find]}"
CREDENTIALS = "readiness: {credentials: [{name: token, env: TOKEN}]}"
MIGRATION = "readiness: {migration: {copy: [./copy], forward: [./up], backward: [./down], state: [./dump]}}"
CONFIGURED = {
    "credentials-valid": CREDENTIALS,
    "migration-reversible": MIGRATION,
    **{claim: f"readiness: {{channels: {{{name}: {CHANNEL}}}}}" for name, claim in CHANNELS.items()},
}


def spec(name, more="", readiness=""):
    claim = f"{{id: {name}, statement: ours, exercise: [./ours], control: [./ours, --bad]{more}}}"
    return parse(f"{HEAD}claims: [{claim}]\n{readiness}\n".encode(), name="golive.yaml")


@pytest.mark.parametrize("name", sorted(CLAIMS.keys() - OPEN))
def test_what_golive_tries_has_no_other_exercise(name):
    with pytest.raises(Failure) as caught:
        asked(spec(name), "production")
    assert (caught.value.where, caught.value.code) == ("golive.yaml: claims[0].id", Exit.USAGE)


def test_everything_that_the_records_or_golive_itself_prove_is_closed():
    itself = {"secrets-resolvable", "secrets-not-in-repository", "machine-ready", "ci-permitted", "target-capable"}
    assert not OPEN & (READINGS.keys() | itself | {"rollback-planned", "evidence-verified"})


@pytest.mark.parametrize("name", sorted(OPEN))
def test_an_open_claim_takes_the_teams_exercise(name):
    assert asked(spec(name), "production")[name].exercise == "./ours"


@pytest.mark.parametrize(("name", "readiness"), CONFIGURED.items())
def test_a_claim_has_one_exercise(name, readiness):
    assert configured(spec("ours", readiness=readiness).readiness) == {name}
    with pytest.raises(Failure) as caught:
        asked(spec(name, readiness=readiness), "production")
    assert caught.value.why == "readiness: says how it is tried"


def test_a_known_claim_keeps_its_phase_and_what_it_depends_on_and_holds_no_longer():
    found = asked(spec("alerts-proven", ", lifetime: 8760h, inputs: [policy], phase: gate"), "production")
    claim, known = found["alerts-proven"], CLAIMS["alerts-proven"]
    assert claim.inputs == known.inputs | {"policy"}
    assert (claim.lifetime, claim.phase) == (known.lifetime, known.phase)


def test_it_may_hold_for_less_and_depend_on_more():
    claim = asked(spec("runbook-complete", ", lifetime: 1h"), "production")["runbook-complete"]
    assert (claim.lifetime, claim.inputs) == (timedelta(hours=1), {"config"})


def test_a_claim_of_the_teams_own_has_the_phase_that_it_says():
    assert asked(spec("ours", ", phase: incidents"), "production")["ours"].phase == "incidents"
