"""Whole rollouts: deploy, roll back, resume, abort. Each takes the lease, drives to the end, gives it back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from golive.controller.approvals import approved
from golive.controller.attesting import attest_settled
from golive.controller.drive import Drive, Watcher
from golive.controller.foresight import counted, traffic, warning
from golive.controller.journal import Journal
from golive.controller.opening import (
    deploy_wish,
    open_rollout,
    refuse_unfinished,
    refuse_unproven,
    rollback_wish,
)
from golive.controller.site import Site
from golive.controller.tickets import close_tickets, open_ticket
from golive.errors import Failure
from golive.evidence.record import Artifact
from golive.release.past import Settled
from golive.release.revision import Revision
from golive.release.snapshot import snapshot
from golive.release.wanted import Wanted, wish_again

POLL = timedelta(milliseconds=200)


async def deploy(
    site: Site,
    *,
    why: str,
    watch: Watcher,
    if_approved: bool = False,
    tell: Callable[[str], None] = lambda text: None,
) -> Settled:
    """Build what is in the folder and take it to the environment; with sign-offs where they are asked for.

    `tell` gets what is better known beforehand, such as that the evidence will not suffice.
    """
    with leased(site) as journal:
        began = await counted(site)
        await close_tickets(site, journal)
        refuse_unfinished(site.past())
        place = site.spec.environments[site.environment]
        revision, log = await site.builder.build(site.spec, place)
        pasts = {name: site.past(name) for name in place.requires}
        refuse_unproven(revision, site.spec, pasts, site.environment)
        capabilities, clock = site.outside.target.capabilities, site.outside.clock
        wanted = deploy_wish(site.spec, site.past(), revision, capabilities, clock.now(), clock.new_id())
        tell(warning(wanted, site.spec, await traffic(site, wanted.old.name, began) if wanted.old else None))
        wanted = await approved(site, journal, wanted, if_approved=if_approved)
        await _open(site, journal, wanted, why, log)
        return await _drive(site, journal, wanted, watch)


async def rollback(site: Site, *, to: str | None, why: str, watch: Watcher) -> Settled:
    """Take an earlier revision live again."""
    with leased(site) as journal:
        await close_tickets(site, journal)
        refuse_unfinished(site.past())
        await site.outside.target.observe()  # what stands by is known to be healthy before anything is decided
        clock = site.outside.clock
        wanted = rollback_wish(site.spec, site.past(), to, clock.now(), clock.new_id())
        await _open(site, journal, wanted, why, ())
        return await _drive(site, journal, wanted, watch)


async def resume(site: Site, *, watch: Watcher) -> Settled | None:
    """Take up the rollout that is unfinished; None when there is none. `site` has the rollout's own spec."""
    with leased(site) as journal:
        await close_tickets(site, journal)
        rollout = site.past().rollout
        if rollout is None:
            return None
        wanted = wish_again(site.spec, site.environment, rollout.id, rollout.wanted)
        return await _drive(site, journal, wanted, watch)


def abort(site: Site, *, why: str) -> str:
    """Make the wish to abort durable and return the rollout's id; whoever drives it turns back."""
    rollout = site.past().rollout
    if rollout is None:
        raise Failure(
            where=site.environment,
            what="there is nothing to abort",
            why="no rollout is under way",
            next=f"to go back from a finished one: golive rollback --env {site.environment}",
        )
    because = f"aborted by {site.actor.id}" + (f": {why}" if why else "")
    site.journal().append("abort.requested", rollout=rollout.id, body={"because": because})
    return rollout.id


def promote(site: Site) -> str:
    """Record a person's word that a waiting rollout may go on; return the rollout's id."""
    rollout = site.past().rollout
    if rollout is None or rollout.turn:
        raise Failure(
            where=site.environment,
            what="nothing waits for a person here",
            why="it is going back" if rollout else "no rollout is under way",
            next=f"golive status --env {site.environment}",
        )
    site.journal().append("promote.granted", rollout=rollout.id, body={"by": site.actor.id})
    return rollout.id


async def settled_by_another(site: Site, rollout: str) -> Settled:
    """Wait until the controller that holds the lease has settled the rollout."""
    while True:
        for settled in reversed(site.past().settled):
            if settled.id == rollout:
                return settled
        await site.outside.clock.sleep(POLL)


async def down(site: Site) -> None:
    """Stop everything of the environment; its records and builds stay."""
    with leased(site) as journal:
        refuse_unfinished(site.past())
        began = journal.append("environment.stopping")
        await site.shutdown()
        journal.append("environment.stopped", result="ok", cause=(began.seq,))


@contextmanager
def leased(site: Site) -> Iterator[Journal]:
    """The environment's lease for as long as the block lasts."""
    lease = site.outside.ledger.take(site.environment, site.holder)
    try:
        yield site.journal(lease)
    finally:
        site.outside.ledger.release(lease)


async def _open(site: Site, journal: Journal, wanted: Wanted, why: str, log: tuple[Artifact, ...]) -> None:
    past = site.past()
    kept = (_keep_spec(site), _keep_snapshot(site, wanted.rollout, wanted.new))
    steps = await site.forecast(site.spec, wanted, past)
    ticket, papers = await open_ticket(site, wanted, why, steps)
    open_rollout(journal, past, wanted, (*kept, *papers, *log), {"ticket": ticket.body()})


async def _drive(site: Site, journal: Journal, wanted: Wanted, watch: Watcher) -> Settled:
    drive = Drive(
        outside=site.outside,
        journal=journal,
        wanted=wanted,
        smoke=site.spec.smoke,
        watch=watch,
        past=site.past(),
    )
    settled = await drive.to_the_end()
    await close_tickets(site, journal)
    attest_settled(site, journal)
    site.retire(frozenset(_needed_builds(site)))
    return settled


def _needed_builds(site: Site) -> Iterator[str]:
    """Builds that some environment runs, stands by with, or could roll back to."""
    for name in site.spec.environments:
        past = site.past(name)
        yield from (revision.digest for revision in past.line[-KEPT_BUILDS:])
        if past.rollout:
            yield from (r.digest for r in past.revisions.values())


KEPT_BUILDS = 5  # per environment: the live one and the newest before it


def _keep_spec(site: Site) -> Artifact:
    path = f"specs/{site.spec.digest}.yaml"
    return site.outside.artifacts.keep(path, site.spec_text, "application/yaml")


def _keep_snapshot(site: Site, rollout: str, new: Revision) -> Artifact:
    body = snapshot(site.spec, site.environment, new, site.checkout, site.machine)
    path = f"deployments/{rollout}/config.snapshot.json"
    return site.outside.artifacts.keep(path, json.dumps(body, indent=2).encode() + b"\n", "application/json")
