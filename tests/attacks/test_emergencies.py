"""After a deploy on one person's word: the full quorum follows within a day, or the environment is frozen."""

from datetime import timedelta

import pytest

from golive import assembly
from golive.controller import desk as at
from golive.errors import Exit, Failure
from golive.gate.approval.signoffs import signed
from golive.gate.trust.values import Policy, Quorum, Roster
from golive.gate.trust.versions import endorsed, policy_statement, roster_statement
from victim import ANN, BOB, FIRST, SECOND, Story, person

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)


@pytest.fixture
def urgent(tmp_path):
    """A deploy on ann's word alone; the policy asks for two persons."""
    story = Story(tmp_path)
    ann, bob = person("ann", ANN, "lead"), person("bob", BOB, "sre")
    both = Roster(version=1, threshold=1, persons={"ann": ann, "bob": bob})
    policy = Policy(version=1, quorums={"production": Quorum()}, emergency_roles=("lead",))
    at.publish_roster(story.desk(), endorsed(endorsed(roster_statement(both), ANN), BOB))
    at.publish_policy(story.desk(), endorsed(policy_statement(policy), ANN))
    with pytest.raises(Failure):
        story.deploy(FIRST)
    signs(story, ANN, emergency=True, why="the shop is down")
    story.deploy(FIRST)
    yield story
    story.ledger.close()


def signs(story, hand, **more):
    desk = story.desk()
    request = at.open_request(desk, "production")
    at.receive(desk, signed(at.sign_for(desk, request, hand.public, decision="approve", role=None, **more), hand))
    return request


def audit(story):
    story.seal()
    return assembly.verified(story.folder / "evidence", None)[1]


def test_the_request_stays_open_for_those_who_are_missing(urgent):
    (waiting,) = audit(urgent).reviews.open.values()
    assert waiting.due == waiting.at + DAY
    urgent.world.now += timedelta(days=30)  # long after the request itself has expired
    assert signs(urgent, BOB).nonce == waiting.nonce


def test_a_full_quorum_ends_it_for_good(urgent):
    signs(urgent, ANN)
    assert audit(urgent).reviews.open
    signs(urgent, BOB)
    assert not audit(urgent).reviews.open
    with pytest.raises(Failure, match="nothing waits"):
        at.open_request(urgent.desk(), "production")
    urgent.world.now += 30 * DAY
    urgent.release(SECOND)
    assert not audit(urgent).reviews.open


def approved(story, revision):
    """Both sign for a deploy of `revision`, whatever else waits."""
    with pytest.raises(Failure):
        story.deploy(revision)
    signs(story, ANN)
    signs(story, BOB)


def test_within_a_day_others_may_still_go(urgent):
    urgent.world.now += DAY / 2
    approved(urgent, SECOND)
    assert urgent.deploy(SECOND).outcome == "succeeded"
    assert len(audit(urgent).reviews.open) == 1


def test_after_a_day_nothing_goes_until_the_quorum_is_whole(urgent):
    urgent.world.now += DAY - HOUR
    approved(urgent, SECOND)
    urgent.world.now += 2 * HOUR
    with pytest.raises(Failure, match="frozen") as refused:
        urgent.deploy(SECOND)
    assert refused.value.code == Exit.REFUSED
    assert "golive approve --env production" in refused.value.next
    signs(urgent, ANN)  # the overdue one is what is offered now
    signs(urgent, BOB)
    assert urgent.deploy(SECOND).outcome == "succeeded"
    assert not audit(urgent).reviews.open


def test_a_further_emergency_is_let_in(urgent):
    urgent.world.now += DAY - HOUR
    with pytest.raises(Failure):
        urgent.deploy(SECOND)
    signs(urgent, ANN, emergency=True, why="still down")
    urgent.world.now += 2 * HOUR
    assert urgent.deploy(SECOND).outcome == "succeeded"
    assert len(audit(urgent).reviews.open) == 2


def test_who_leaves_afterwards_does_not_reopen_it(urgent):
    signs(urgent, ANN)
    signs(urgent, BOB)
    alone = Roster(version=2, threshold=1, persons={"ann": person("ann", ANN, "lead")})
    at.publish_roster(urgent.desk(), endorsed(roster_statement(alone), ANN))
    assert not audit(urgent).reviews.open


def test_a_deploy_into_a_frozen_environment_is_found(urgent, monkeypatch):
    """A controller that was made to look away."""
    urgent.world.now += DAY - HOUR
    approved(urgent, SECOND)
    urgent.world.now += 2 * HOUR
    monkeypatch.setattr("golive.controller.approvals.refuse_frozen", lambda *asked: None)
    assert urgent.deploy(SECOND).outcome == "succeeded"
    with pytest.raises(Failure, match="frozen environment") as found:
        audit(urgent)
    assert found.value.code == Exit.TAMPERED


def test_a_credential_is_refused_before_it_is_signed(urgent):
    with pytest.raises(Failure, match="credential"):
        signs(urgent, ANN, why="the token is ghp_" + "a" * 36)


def test_a_second_word_of_the_same_person_does_not_end_it(urgent):
    signs(urgent, ANN, emergency=True, why="still down")
    assert audit(urgent).reviews.open
