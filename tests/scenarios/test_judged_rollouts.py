"""The judge in whole rollouts: early when proven, held when not known, asked where it was chosen so."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from golive.controller.assisting import Answered, joined
from golive.drivers.simulated.world import Behaviour, World
from golive.judge.retelling import retell
from golive.judge.samples import Samples, Tick
from golive.judge.series import calibration_body, series
from golive.judge.terms import Calibration
from golive.spec.values import Judging, Objectives, Strategy
from theatre import Theatre, specification

LONG = Strategy(kind="canary", weights=(10, 50), soak=timedelta(minutes=3))
QUICK = Judging(floor=timedelta(seconds=20), warm_up=timedelta(0))
BUSY = 400


def theatre(judging: Judging = QUICK, *, calm: bool = True, rate: int = BUSY, **more: object) -> Theatre:
    """A canary of three minutes a weight, and traffic; `calm`: its placebo canaries are on record."""
    objectives = Objectives(patience=timedelta(seconds=20))
    built = Theatre(
        specification(LONG, objectives=objectives, judging=judging),
        world=World(requests_per_second=rate),
        **more,  # type: ignore[arg-type]
    )
    if calm:
        known = Calibration(
            phi={}, canaries=400, alarms=0, watch=timedelta(hours=1), source="history", at=built.world.now
        )
        built._journal(leased=False).append("judge.calibrated", body={"calibration": calibration_body(known)})
    return built


def judged(built: Theatre) -> list[dict[str, object]]:
    return [
        dict(record.draft.body)
        for record in built.ledger.read("production")
        if record.draft.type == "step.ended" and str(record.draft.body.get("key", "")).startswith("judge ")
    ]


def took(built: Theatre) -> timedelta:
    records = built.ledger.read("production")
    opened = next(record for record in records if record.draft.type == "rollout.wanted" and record.seq > 1)
    return records[-1].draft.at - opened.draft.at


def test_a_proven_release_goes_on_before_its_soaks_end() -> None:
    built = theatre()
    assert built.deploy().outcome == "succeeded"
    assert took(built) < timedelta(minutes=3)
    assert all("proven not worse" in str(body["because"]) for body in judged(built))


def test_evidence_is_kept_when_the_weight_moves() -> None:
    """At the second weight the floor is all that is waited for."""
    built = theatre(replace(QUICK, floor=timedelta(seconds=1)))
    built.deploy()
    records = built.ledger.read("production")
    ends = [r.draft.at for r in records if r.draft.type == "step.ended" and "judge" in str(r.draft.body["key"])]
    shifts = [r.draft.at for r in records if r.draft.type == "step.ended" and "shift" in str(r.draft.body["key"])]
    assert ends[1] - shifts[-2] < timedelta(seconds=10) < ends[0] - shifts[-3]


def test_every_verdict_leaves_a_series_from_which_it_is_computed_again() -> None:
    built = theatre()
    built.deploy()
    kept = {path: text for path, text in built.outside.artifacts.kept.items() if "/series-" in path}  # type: ignore[attr-defined]
    assert len(kept) == len(judged(built)) == 2
    for path, text in kept.items():
        found = series(json.loads(text), path)
        told = retell(found)
        assert [(m.name, m.harm, m.proof) for m in told.found.metrics] == list(found.evidence)
        assert told.decided is not None


def test_without_placebo_canaries_a_person_is_asked() -> None:
    built = theatre(calm=False)
    built.world.watch = lambda world: built.promote() if _waits(built) else None
    assert built.deploy().outcome == "succeeded"
    assert [str(body["because"]).startswith("a person promoted it") for body in judged(built)] == [True, True]


def _waits(built: Theatre) -> bool:
    rollout = built.past().rollout
    began = rollout.ended[-1].at if rollout and rollout.ended else None
    return began is not None and built.world.now - began > timedelta(minutes=3, seconds=30)


@pytest.mark.parametrize(("unproven", "outcome"), [("fail", "rolled_back"), ("objectives", "succeeded")])
def test_what_is_not_proven_goes_the_way_that_was_chosen(unproven: str, outcome: str) -> None:
    built = theatre(replace(QUICK, unproven=unproven), calm=False)  # type: ignore[arg-type]
    assert built.deploy().outcome == outcome


def test_five_times_the_errors_come_back_though_the_objective_is_kept() -> None:
    built = theatre(behaviour=Behaviour(error_ppm=5_000), rate=2_000)
    settled = built.deploy()
    assert settled.outcome == "rolled_back"
    assert "errors" in settled.because
    assert took(built) < timedelta(minutes=3)


def test_a_calibration_that_is_too_old_is_none() -> None:
    built = theatre(replace(QUICK, unproven="fail"))
    built.world.now += timedelta(days=31)
    assert built.deploy().outcome == "rolled_back"


def test_own_load_is_counted_apart_and_in_the_same_buckets() -> None:
    now = World().now
    users = Samples(
        bounds_ms=(10, 100), ticks=(Tick(at=now, revision="new", requests=3, errors=0, latency=(3, 0, 0)),)
    )
    own = [Answered("new", True, 5), Answered("old", False, 50), Answered("new", False, 500)]
    found = joined(users, own, now + timedelta(seconds=1))
    assert [(t.revision, t.requests, t.errors, t.latency, t.synthetic, t.at) for t in found.ticks] == [
        ("new", 3, 0, (3, 0, 0), False, now),
        ("new", 2, 1, (1, 0, 1), True, now),
        ("old", 1, 0, (0, 1, 0), True, now),
    ]
