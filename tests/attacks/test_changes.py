"""The table of changes: what an auditor draws a sample from, made only from evidence that holds."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from golive.assembly.evidence import changes
from golive.cli import golive
from golive.controller import desk as at
from golive.controller.approvals import requests
from golive.errors import Exit, Failure
from golive.gate.approval.signoffs import signed
from golive.gate.trust.values import Policy, Quorum, Roster
from golive.gate.trust.versions import endorsed, policy_statement, roster_statement
from victim import ANN, BOB, FIRST, SECOND, Story, person


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    Story(folder).play()
    return folder


def rows(*words):
    said = CliRunner().invoke(golive, ["evidence", "changes", *map(str, words)])
    assert said.exit_code == 0, said.exception
    return list(csv.DictReader(io.StringIO(said.output)))


def test_each_rollout_is_one_row_with_who_signed_tested_and_deployed_it(story):
    first, second = rows(story / "evidence")
    assert (first["revision"], second["revision"], second["replaced"]) == (
        FIRST.digest,
        SECOND.digest,
        FIRST.digest,
    )
    assert second["approved_by"] == "ann as lead; bob as sre"
    assert (second["deployed_by"], second["requested_by"]) == ("carl", "carl")
    assert (second["outcome"], second["kind"], second["emergency"]) == ("succeeded", "deploy", "no")
    assert second["judged"] == "10 %: pass; 50 %: pass"
    assert len(second["plan"]) == 64
    assert (story / "evidence" / second["ticket"]).is_file()
    assert first["began"] <= first["ended"] <= second["began"] < second["ended"]


def test_json_has_the_same_values(story):
    said = CliRunner().invoke(golive, ["evidence", "changes", str(story / "evidence"), "--json"])
    assert json.loads(said.output)["changes"] == rows(story / "evidence")


def test_another_environment_has_none(story):
    assert rows(story / "evidence", "--env", "staging") == []


def test_there_is_no_table_of_evidence_that_does_not_hold(tmp_path):
    Story(tmp_path).play()
    records = tmp_path / "evidence/operations/records.jsonl"
    records.write_bytes(records.read_bytes().replace(b"succeeded", b"succeedee"))
    refused = CliRunner().invoke(golive, ["evidence", "changes", str(tmp_path / "evidence")]).exception
    assert isinstance(refused, Failure)
    assert refused.code == Exit.TAMPERED


@pytest.fixture
def urgent(tmp_path):
    """A deploy on ann's word alone, in an emergency."""
    story = Story(tmp_path)
    ann, bob = person("ann", ANN, "lead"), person("bob", BOB, "sre")
    one = Roster(version=1, threshold=1, persons={"ann": ann})
    two = Roster(version=2, threshold=1, persons={"ann": ann, "bob": bob})
    policy = Policy(version=1, quorums={"production": Quorum()}, emergency_roles=frozenset({"lead"}))
    at.publish_roster(story.desk(), endorsed(roster_statement(one), ANN))
    at.publish_roster(story.desk(), endorsed(roster_statement(two), ANN))
    at.publish_policy(story.desk(), endorsed(policy_statement(policy), ANN))
    with pytest.raises(Failure):
        story.deploy(FIRST)
    signs(story, ANN, emergency=True, why="the shop is down")
    story.deploy(FIRST)
    story.seal()
    yield story
    story.ledger.close()


def signs(story, hand, **more):
    desk = story.desk()
    request = requests(desk.records(), desk.artifacts)[-1]
    at.receive(desk, signed(at.sign_for(desk, request, hand.public, decision="approve", role=None, **more), hand))


def test_an_emergency_is_flagged_and_what_made_it_whole_later_is_named(urgent, tmp_path):
    (alone,) = changes(tmp_path / "evidence", None)
    assert (alone.emergency, alone.approved_by, alone.approved_after) == ("yes", "ann as lead", "")
    signs(urgent, ANN, emergency=True, why="still down")
    (still,) = changes(tmp_path / "evidence", None)
    assert (still.emergency, still.approved_after) == ("yes", "")
    signs(urgent, BOB)
    (whole,) = changes(tmp_path / "evidence", None)
    assert (whole.emergency, whole.approved_by, whole.approved_after) == (
        "yes",
        "ann as lead",
        "ann as lead; bob as sre",
    )


def test_each_control_says_how_many_records_show_it(story):
    said = CliRunner().invoke(golive, ["evidence", "controls", str(story / "evidence"), "--json"])
    found = {one["id"]: one for one in json.loads(said.output)["controls"]}
    assert found["NIST:AU-10"]["records"] == {"signoff.received": 4, "waiver.received": 0}
    assert found["SOC2:CC8.1"]["records"]["rollout.settled"] == 2
    assert found["NIST:AU-3"]["records"] == {"every": found["NIST:AU-3"]["newest"]}
    text = CliRunner().invoke(golive, ["evidence", "controls", str(story / "evidence")]).output
    assert "NIST:AU-10: who agreed cannot deny it\n  claims   signed-off\n  records  signoff.received 4" in text
