"""Change tickets: written when a rollout opens and when it has settled, and told to the tracker."""

from golive.controller.journal import Journal
from golive.controller.perform import how_it_ended
from golive.controller.site import Site
from golive.errors import Exit, Failure
from golive.evidence.record import Artifact
from golive.release.past import Settled
from golive.release.ticket import Ticket, as_json, as_markdown, close, propose, ticket_from
from golive.release.wanted import Wanted


async def open_ticket(
    site: Site, wanted: Wanted, why: str, steps: tuple[str, ...]
) -> tuple[Ticket, tuple[Artifact, ...]]:
    """Write the ticket of a rollout that is about to open. A tracker that refuses it stops the rollout."""
    ticket = propose(
        wanted,
        service=site.spec.service,
        owner=site.spec.owner,
        who=site.actor.id,
        why=why,
        risk=site.spec.change.risk,
        commit=site.checkout.commit,
        steps=steps,
    )
    trouble = await _tell(site, ticket, "opened")
    if trouble:
        raise Failure(
            where="golive.yaml: change.command",
            what="the change tracker did not take the ticket",
            why=trouble,
            next="mend the command, or remove change.command to go on without a tracker",
            code=Exit.REFUSED,
        )
    return ticket, _written(site, ticket, "ticket")


async def close_tickets(site: Site, journal: Journal) -> None:
    """Close the ticket of every settled rollout that has an open one, also after a crash."""
    for settled in site.past().settled:
        ticket = ticket_from(settled.ticket)
        if ticket and not settled.closed:
            await _close(site, journal, settled, close(ticket, settled))


async def _close(site: Site, journal: Journal, settled: Settled, ticket: Ticket) -> None:
    """The outcome is recorded even when the tracker cannot be told; the record says so."""
    trouble = await _tell(site, ticket, "closed")
    journal.append(
        "ticket.closed",
        rollout=settled.id,
        body={"outcome": settled.outcome, "tracker": trouble or "ok"},
        result="failed" if trouble else "ok",
        artifacts=_written(site, ticket, "ticket-closed"),
    )


def _written(site: Site, ticket: Ticket, name: str) -> tuple[Artifact, ...]:
    folder = f"deployments/{ticket.rollout}"
    keep = site.outside.artifacts.keep
    return (
        keep(f"{folder}/{name}.json", as_json(ticket), "application/json"),
        keep(f"{folder}/{name}.md", as_markdown(ticket), "text/markdown"),
    )


async def _tell(site: Site, ticket: Ticket, event: str) -> str:
    """Give the ticket to the tracker's command; "" when that worked or there is none."""
    change = site.spec.change
    if not change.command:
        return ""
    try:
        ran = await site.outside.commands.run(
            change.command,
            env={"GOLIVE_TICKET": event},
            stdin=as_json(ticket),
            timeout=change.timeout,
        )
    except Failure as failure:
        return str(failure)
    if ran.exit_code == 0:
        return ""
    tail = ran.output.decode(errors="replace").strip().splitlines()[-1:]
    return f"{change.command[0]} {how_it_ended(ran)}" + (f": {tail[0]}" if tail else "")
