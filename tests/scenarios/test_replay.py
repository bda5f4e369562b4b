"""Replay finds no fault with what our controller did, and every fault that is planted in its records."""

import dataclasses
import json

import pytest

from golive.drivers.simulated.world import Behaviour
from golive.evidence.canonical import seal
from golive.evidence.shape import NO_DIGEST
from golive.release.replay import breaches
from golive.release.wanted import wish_again
from theatre import ALL_AT_ONCE, BLUE_GREEN, CANARY, NEW, ROLLING, Theatre, specification

STRATEGIES = {"all-at-once": ALL_AT_ONCE, "blue-green": BLUE_GREEN, "rolling": ROLLING, "canary": CANARY}
BAD = Behaviour(error_ppm=300_000)


def played(strategy=CANARY, behaviour=None):
    theatre = Theatre(specification(strategy), behaviour=behaviour or Behaviour(), approval="request-1")
    theatre.deploy()
    return theatre


def found(theatre, records):
    def wish(record):
        draft = record.draft
        return wish_again(theatre.spec, draft.environment, draft.rollout, draft.body)

    return [breach.what for breach in breaches(records, wish)]


def edited(records, edit):
    """The records after `edit(list of drafts)`, chained again as a thief of the key would."""
    drafts = edit([r.draft for r in records])
    again, prev = [], NO_DIGEST
    for seq, draft in enumerate(drafts, 1):
        cause = tuple(c for c in draft.cause if c < seq)
        record = seal(dataclasses.replace(draft, cause=cause), seq=seq, prev=prev)
        again.append(record)
        prev = record.digest
    return again


@pytest.mark.parametrize("behaviour", [Behaviour(), BAD, Behaviour(crashes=True)], ids=["good", "bad", "crashing"])
@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_what_the_controller_did_is_legal(strategy, behaviour):
    theatre = played(strategy, behaviour)
    if theatre.past().live == NEW:
        theatre.rollback()
    assert found(theatre, theatre.ledger.records) == []


def key(draft):
    return str(draft.body.get("key", ""))


def without(text):
    return lambda drafts: [d for d in drafts if not key(d).startswith(text)]


def with_body(which, **changes):
    def edit(drafts):
        return [dataclasses.replace(d, body={**d.body, **changes}) if which(d) else d for d in drafts]

    return edit


def swapped_weight(drafts):
    text = json.dumps
    return [
        dataclasses.replace(
            d, body=json.loads(text(dict(d.body)).replace(f'shift {NEW.name} 5"', f'shift {NEW.name} 7"'))
        )
        for d in drafts
    ]


def a_second_wish(drafts):
    at = next(i for i, d in enumerate(drafts) if d.type == "rollout.wanted" and d.rollout != "first")
    twin = dataclasses.replace(drafts[at], id="twin", rollout="twin")
    return [*drafts[: at + 1], twin, *drafts[at + 1 :]]


def risen_after_the_turn(drafts):
    at = next(i for i, d in enumerate(drafts) if key(d) == f"shift {NEW.name} 5" and d.type == "step.began")
    turn = dataclasses.replace(drafts[at], id="turn", type="rollout.turned", body={"because": "planted"})
    return [*drafts[:at], turn, *drafts[at:]]


def without_first_outcome(drafts):
    at = next(i for i, d in enumerate(drafts) if d.type == "step.ended")
    return [*drafts[:at], *drafts[at + 1 :]]


PLANTED = {
    "a PASS taken out": (without("judge 25"), "the weight rises from 25 % without a PASS"),
    "a FAIL made of a PASS": (
        with_body(lambda d: key(d) == "judge 5" and d.type == "step.ended", answer="inconclusive"),
        "the weight rises from 5 % without a PASS",
    ),
    "a stage left out": (without(f"shift {NEW.name} 25"), "the stage at 25 % was left out"),
    "a weight that is no stage": (swapped_weight, "7 % is no stage of this rollout"),
    "the look at the approval taken out": (without("confirm"), "first traffic without a look at the approval"),
    "a second rollout": (a_second_wish, "a rollout begins while another one is open"),
    "a rise after the turn": (risen_after_the_turn, "the weight rises after the rollout had turned"),
    "another rollout's step": (
        lambda drafts: [dataclasses.replace(d, rollout="x") if key(d).startswith("start") else d for d in drafts],
        "step.began of a rollout that is not open",
    ),
    "an outcome of another step": (
        with_body(lambda d: d.type == "step.ended" and key(d).startswith("start"), key="prepare x"),
        "a step ends as another one",
    ),
    "an outcome taken out": (without_first_outcome, "a step begins while another one is open"),
    "success without the traffic": (
        with_body(lambda d: d.type == "rollout.settled" and "weights" in d.body, weights={"someone": 100}),
        "succeeded, with 0 % of the traffic",
    ),
}


@pytest.mark.parametrize(("edit", "what"), PLANTED.values(), ids=PLANTED)
def test_a_planted_breach_is_found(edit, what):
    theatre = played()
    assert what in found(theatre, edited(theatre.ledger.records, edit))


def test_traffic_left_on_what_was_rolled_back_is_found():
    theatre = played(behaviour=BAD)
    records = edited(
        theatre.ledger.records,
        with_body(lambda d: d.type == "rollout.settled" and "weights" in d.body, weights={NEW.name: 5}),
    )
    assert found(theatre, records) == ["rolled back, with 5 % of the traffic"]
