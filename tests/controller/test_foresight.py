"""What is said before a canary starts, what is learned of its instances, and golive's own load."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from golive.controller import rollouts
from golive.controller.assisting import Assistant
from golive.controller.calibrating import under_load
from golive.controller.foresight import Traffic, by_weight, warning
from golive.errors import Failure
from golive.judge.advice import advise, sentence, span
from golive.judge.terms import Terms
from golive.release.revision import Revision
from golive.release.wanted import wish
from golive.spec.values import Environment, Judging, Strategy, TargetChoice
from test_whole_rollouts import Company

OLD, NEW = Revision(digest="a" * 64), Revision(digest="b" * 64)
ALL_AT_ONCE = Strategy(kind="all-at-once")
CANARY = Strategy(kind="canary", weights=(5, 25), soak=timedelta(minutes=5))


def company(judging: Judging | None = None) -> Company:
    """The company of the whole-rollout tests, with a canary in production."""
    built = Company()
    place = Environment(name="production", target=TargetChoice(kind="local"), instances=2, strategy=CANARY)
    built.spec = replace(built.spec, environments={"production": place}, judging=judging or Judging())
    return built


def wanted(built: Company):
    return wish(
        built.spec,
        "production",
        rollout="r-1",
        kind="deploy",
        new=NEW,
        live=OLD,
        earlier=(),
        deadline=built.worlds["production"].now + timedelta(hours=1),
    )


def traffic(per_second: float) -> Traffic:
    return Traffic(per_second=per_second, error_rate=0.001, requests=100)


def test_a_canary_that_evidence_cannot_decide_is_announced_and_one_that_it_can_is_not() -> None:
    built = company()
    told = warning(wanted(built), built.spec, traffic(10))
    assert "cannot be decided by evidence within its soaks of 10 min" in told
    assert "at 25 %" in told
    assert warning(wanted(built), built.spec, traffic(1_000)) == ""
    assert warning(wanted(built), built.spec, None) == ""


def test_no_traffic_decides_nothing_ever() -> None:
    built = company()
    assert "nothing can be decided" in warning(wanted(built), built.spec, traffic(0))
    assert [advice.proof_s for _, advice in by_weight(built.spec, "production", None)] == [None, None]


def test_more_weight_decides_sooner() -> None:
    (_, small), (_, large) = by_weight(company().spec, "production", traffic(100))
    assert small.doubling_s is not None
    assert large.doubling_s == pytest.approx(small.doubling_s / 5)


def test_the_rule_of_thumb_is_the_documented_one() -> None:
    """9 / (2 ln 2 − 1) = 23.3 faults for a doubling; 4 / (2 − 1 − ln 2) = 13.0 for a proof by ratio."""
    found = advise(10.0, 0.01, Terms(new="", old=""))
    assert (found.doubling_s, found.proof_s) == (pytest.approx(233, abs=1), pytest.approx(130, abs=1))
    assert "seen in about 4 min" in sentence(found)
    assert [span(s) for s in (None, 1, 90, 5_400, 200_000)] == ["for ever", "1 s", "2 min", "2 h", "2 days"]


def test_placebo_load_reaches_every_instance_of_the_live_revision_alike() -> None:
    built = company()
    place = Environment(name="production", target=TargetChoice(kind="local"), instances=3, strategy=ALL_AT_ONCE)
    built.spec = replace(built.spec, environments={"production": place})
    site = built.site("production")
    assert asyncio.run(rollouts.deploy(site, why="", watch=lambda moment: None)).outcome == "succeeded"
    ticks = asyncio.run(
        under_load(site, duration=timedelta(seconds=2), rate=40, path="/", watch=lambda text: None)
    )
    by_instance = {
        name: sum(t.requests for t in ticks if t.instance == name) for name in {t.instance for t in ticks}
    }
    assert sorted(by_instance) == ["instance-0", "instance-1", "instance-2"]
    assert min(by_instance.values()) > 0
    assert max(by_instance.values()) - min(by_instance.values()) <= 4


def test_without_two_instances_there_is_no_placebo_canary() -> None:
    with pytest.raises(Failure, match="no revision is live"):
        asyncio.run(
            under_load(
                company().site("production"),
                duration=timedelta(seconds=1),
                rate=1,
                path="/",
                watch=lambda text: None,
            )
        )


def test_own_load_goes_to_both_revisions_alike_and_ends_when_the_weight_is_whole() -> None:
    built = company(Judging(assist="load", assist_rate=200))
    outside = built.site("production").outside
    built.worlds["production"].live(OLD, 1)

    async def play() -> tuple[dict[str, int], int]:
        assistant = Assistant(wanted(built), outside)
        assert await assistant.take(5) == ()
        await asyncio.sleep(0.3)
        answered = await assistant.take(5)
        assert await assistant.take(100) == ()
        counts = {name: sum(a.revision == name for a in answered) for name in (OLD.name, NEW.name)}
        return counts, len(asyncio.all_tasks())

    counts, tasks = asyncio.run(play())
    assert counts[OLD.name] > 0
    assert abs(counts[OLD.name] - counts[NEW.name]) <= 1
    assert tasks == 1


def test_own_load_is_sent_by_nobody_who_did_not_ask_for_it() -> None:
    built = company()

    async def play() -> int:
        assistant = Assistant(wanted(built), built.site("production").outside)
        await assistant.take(5)
        return len(asyncio.all_tasks())

    assert asyncio.run(play()) == 1
