"""Whole commands in the simulated world: admission, change tickets, leases, and what stops them early."""

import asyncio
import dataclasses
import itertools
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from golive.controller import rollouts
from golive.controller.outside import Outside
from golive.controller.site import Site
from golive.drivers.simulated.builder import SimulatedBuilder
from golive.drivers.simulated.clock import SimulatedClock
from golive.drivers.simulated.edges import (
    SimulatedApprovals,
    SimulatedArtifacts,
    SimulatedCommands,
    SimulatedProber,
    SimulatedSamples,
)
from golive.drivers.simulated.ledger import SimulatedLedger
from golive.drivers.simulated.router import SimulatedRouter
from golive.drivers.simulated.target import SimulatedTarget
from golive.drivers.simulated.world import Crash, World
from golive.errors import Exit, Failure
from golive.evidence.ledger import Holder
from golive.evidence.record import Actor
from golive.evidence.signing.keys import PublicKey
from golive.release.revision import Revision
from golive.release.snapshot import Checkout, Machine
from golive.spec.values import Build, Change, Environment, Objectives, Spec, Strategy, TargetChoice

FIRST, SECOND = Revision(digest="a" * 64), Revision(digest="b" * 64)
TRACKER = ("tracker",)


class Company:
    """A service with staging and production, each with a world of its own, and one ledger."""

    def __init__(self, change=None):
        self.ledger = SimulatedLedger()
        self.worlds = {"staging": World(), "production": World()}
        ids = itertools.count()
        self.clocks = {name: SimulatedClock(world, ids) for name, world in self.worlds.items()}
        self.exits = {}
        self.builder = SimulatedBuilder(FIRST)
        at_once = Strategy(kind="all-at-once")
        places = {
            name: Environment(
                name=name, target=TargetChoice(kind="local"), instances=1, strategy=at_once, requires=requires
            )
            for name, requires in (("staging", ()), ("production", ("staging",)))
        }
        self.spec = Spec(
            service="shop",
            owner="team",
            revision=Build(include=("**",), exclude=(), build=(), run=("app",)),
            health=(),
            smoke=None,
            objectives=Objectives(),
            environments=places,
            change=change or Change(),
            digest="0" * 64,
            source="golive.yaml",
        )

    def site(self, name):
        world, clock = self.worlds[name], self.clocks[name]
        target = SimulatedTarget(world)
        outside = Outside(
            target=target,
            logs=target,
            redact=lambda text: text,
            router=SimulatedRouter(world),
            prober=SimulatedProber(),
            samples=SimulatedSamples(world),
            clock=clock,
            commands=SimulatedCommands(world, self.exits),
            artifacts=SimulatedArtifacts(),
            approvals=SimulatedApprovals(world),
            ledger=self.ledger,
        )
        return Site(
            spec=self.spec,
            spec_text=b"",
            environment=name,
            outside=outside,
            builder=self.builder,
            actor=Actor(id="ann"),
            holder=Holder(actor="ann", where="pid 1 on laptop", since=world.now),
            checkout=Checkout(commit="c0ffee", branch="main", dirty=()),
            history=lambda since: (),
            machine=Machine(system="Linux", python="3.11", tools={}),
            forecast=forecast,
            signer=Hand(),
            shutdown=nothing,
            retire=lambda keep: None,
        )

    def deploy(self, name):
        return asyncio.run(rollouts.deploy(self.site(name), why="faster", watch=lambda moment: None))

    def types(self):
        return [record.draft.type for record in self.ledger.records]


class Hand:
    """The log's key, made anew."""

    def __init__(self):
        self._key = Ed25519PrivateKey.generate()
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message):
        return self._key.sign(message)


async def forecast(spec, wanted, past):
    return ("a step",)


async def nothing():
    return None


@pytest.fixture
def company():
    return Company()


def test_production_is_refused_until_the_same_build_succeeded_in_staging(company):
    with pytest.raises(Failure) as refused:
        company.deploy("production")
    assert refused.value.code is Exit.REFUSED
    assert "has not succeeded in staging" in refused.value.why
    assert "rollout.wanted" not in company.types()
    company.deploy("staging")
    assert company.deploy("production").outcome == "succeeded"


def test_another_build_must_prove_itself_again(company):
    company.deploy("staging")
    company.deploy("production")
    company.builder.revision = SECOND
    with pytest.raises(Failure, match="may not go to production"):
        company.deploy("production")


def test_every_rollout_has_a_ticket_that_is_opened_and_closed(company):
    company.deploy("staging")
    opened = next(r for r in company.ledger.records if r.draft.type == "rollout.wanted")
    ticket = opened.draft.body["ticket"]
    assert (ticket["who"], ticket["why"], ticket["plan"]) == ("ann", "faster", ["a step"])
    assert [a.path.rpartition("/")[2] for a in opened.draft.artifacts] == [
        "0" * 64 + ".yaml",
        "config.snapshot.json",
        "ticket.json",
        "ticket.md",
    ]
    closed = next(r for r in company.ledger.records if r.draft.type == "ticket.closed")
    assert closed.draft.body["outcome"] == "succeeded"


def test_a_tracker_that_refuses_the_ticket_stops_the_rollout_before_it_begins():
    company = Company(Change(command=TRACKER))
    company.exits[TRACKER] = 1
    with pytest.raises(Failure, match="tracker did not take the ticket"):
        company.deploy("staging")
    assert "rollout.wanted" not in company.types()


def test_a_tracker_that_cannot_be_told_the_end_leaves_a_note_and_the_outcome_stands():
    company = Company(Change(command=TRACKER))
    real = company.exits

    class Once(dict):
        def get(self, key, default=None):
            count = real.setdefault("asked", 0)
            real["asked"] = count + 1
            return 0 if count == 0 else 7

    company.exits = Once()
    assert company.deploy("staging").outcome == "succeeded"
    closed = next(r for r in company.ledger.records if r.draft.type == "ticket.closed")
    assert (closed.draft.result, closed.draft.body["tracker"][:16]) == ("failed", "tracker exited 7")


def test_a_ticket_that_a_crash_left_open_is_closed_by_the_next_controller(company):
    def die(verb, effect):
        if verb == "record ticket.closed":
            raise Crash
        effect()

    company.ledger.act = die
    with pytest.raises(Crash):
        company.deploy("staging")
    company.ledger.act = lambda verb, effect: effect()
    company.ledger.holders.clear()
    assert asyncio.run(rollouts.resume(company.site("staging"), watch=lambda moment: None)) is None
    assert company.types().count("ticket.closed") == 1


def test_an_unfinished_rollout_is_resumed_or_aborted_before_another_begins(company):
    def die(verb, effect):
        effect()
        if verb == "record step.began":
            raise Crash

    company.ledger.act = die
    with pytest.raises(Crash):
        company.deploy("staging")
    company.ledger.act = lambda verb, effect: effect()
    company.ledger.holders.clear()
    with pytest.raises(Failure, match="has not finished") as refused:
        company.deploy("staging")
    assert "golive resume --env staging" in refused.value.next
    settled = asyncio.run(rollouts.resume(company.site("staging"), watch=lambda moment: None))
    assert settled.outcome == "succeeded"


def test_a_second_controller_is_refused_while_the_first_holds_the_lease(company):
    site = company.site("staging")
    with rollouts.leased(site), pytest.raises(Failure) as refused:
        company.deploy("staging")
    assert refused.value.code is Exit.REFUSED
    assert company.deploy("staging").outcome == "succeeded"


def test_nothing_to_abort_and_nothing_to_promote_are_said(company):
    for act in (lambda s: rollouts.abort(s, why=""), rollouts.promote):
        with pytest.raises(Failure) as refused:
            act(company.site("staging"))
        assert refused.value.next


def test_down_forgets_what_is_live_but_not_what_was(company):
    company.deploy("staging")
    asyncio.run(rollouts.down(company.site("staging")))
    past = company.site("staging").past()
    assert (past.live, past.line) == (None, (FIRST,))
    assert company.types()[-1] == "environment.stopped"


def test_a_deadline_is_kept_in_the_wish(company):
    place = dataclasses.replace(company.spec.environments["staging"], deadline=timedelta(minutes=3))
    company.spec = dataclasses.replace(company.spec, environments={**company.spec.environments, "staging": place})
    began = company.worlds["staging"].now
    company.deploy("staging")
    opened = next(r for r in company.ledger.records if r.draft.type == "rollout.wanted")
    assert opened.draft.body["deadline"] == (began + timedelta(minutes=3)).isoformat()


def test_a_secret_is_taken_out_of_what_was_said_and_never_out_of_what_is_counted(company):
    site = company.site("staging")
    outside = dataclasses.replace(site.outside, redact=lambda text: text.replace("100", "***"))
    site = dataclasses.replace(site, outside=outside)
    settled = asyncio.run(rollouts.deploy(site, why="up to 100", watch=lambda moment: None))
    assert settled.outcome == "succeeded"
    opened = next(r for r in company.ledger.records if r.draft.type == "rollout.wanted")
    assert opened.draft.body["ticket"]["why"] == "up to ***"
    assert any(str(r.draft.body.get("key", "")).endswith(" 100") for r in company.ledger.records)
