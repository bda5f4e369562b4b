"""How a finished rollout is told: where traffic is first, then why, then what to do next."""

import click

from golive.cli.answer import answer
from golive.controller.site import Site
from golive.errors import Exit
from golive.release.past import Settled
from golive.release.timing import way_back_ms

EXITS = {
    "succeeded": Exit.DONE,
    "rolled_back": Exit.FAILED,
    "failed_safe": Exit.FAILED,
    "needs_human": Exit.UNSAFE,
}


async def tell(site: Site, settled: Settled, *, as_json: bool) -> Exit:
    """Print the outcome of a rollout and return the exit code that belongs to it."""
    routing = await site.outside.router.observe() if settled.outcome != "needs_human" else None
    head = site.outside.ledger.head()
    way_back = way_back_ms(site.outside.ledger.read(site.environment), settled.id)
    values: dict[str, object] = {
        "rollout": settled.id,
        "environment": site.environment,
        "outcome": settled.outcome,
        "because": settled.because,
        "weights": dict(routing.weights) if routing else None,
        "entry": routing.entry if routing else "",
        "took_s": round((settled.at - settled.began_at).total_seconds(), 3),
        "way_back_ms": way_back,
        "log_head": str(head),
    }
    answer(values, _text(site, settled, values), as_json=as_json)
    return EXITS[settled.outcome]


def leave(code: Exit) -> None:
    """End the command with this code."""
    raise click.exceptions.Exit(int(code))


def _text(site: Site, settled: Settled, values: dict[str, object]) -> str:
    weights = values["weights"]
    traffic = (
        ", ".join(f"{share} % {name}" for name, share in weights.items()) or "no revision has traffic"
        if isinstance(weights, dict)
        else "unknown: look at once"
    )
    lines = [
        f"{site.environment}: {settled.outcome.replace('_', ' ')}",
        f"traffic:  {traffic}" + (f"   at {values['entry']}" if values["entry"] else ""),
        f"why:      {settled.because}",
        f"took:     {values['took_s']} s",
    ]
    if values["way_back_ms"] is not None:
        lines.append(f"way back: {values['way_back_ms']} ms from the decision to no traffic on the bad revision")
    lines.append(f"record:   head {values['log_head']}, evidence/operations/deployments/{settled.id}/")
    lines.append(f"next:     {_next(site, settled)}")
    return "\n".join(lines)


def _next(site: Site, settled: Settled) -> str:
    env = site.environment
    if settled.outcome == "succeeded":
        return f"golive status --env {env}; to go back: golive rollback --env {env}"
    if settled.outcome == "needs_human":
        return f"look at once: golive status --env {env}, golive logs --env {env}; then golive resume"
    return f"golive evidence list --env {env} says what was seen; mend it and deploy again"
