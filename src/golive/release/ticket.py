"""The change ticket: one record per rollout of what changes, who wants it, why, how, at which risk, how it ended.

The JSON form has the same facts as the Markdown form. Field names follow what change boards ask for.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined

from golive.evidence.record import Json
from golive.release.past import Settled
from golive.release.wanted import Wanted


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A change as it is proposed, and, once it has settled, as it ended."""

    service: str
    owner: str
    environment: str
    rollout: str
    kind: str
    who: str
    why: str
    risk: str
    new: str
    old: str
    commit: str
    strategy: str
    plan: tuple[str, ...]  # the steps as they were forecast
    way_back: str
    outcome: str = ""
    because: str = ""
    took_s: int = 0

    def body(self) -> dict[str, Json]:
        """What the ledger keeps of it."""
        return {**self.__dict__, "plan": list(self.plan)}


def propose(
    wanted: Wanted, *, service: str, owner: str, who: str, why: str, risk: str, commit: str, steps: Sequence[str]
) -> Ticket:
    """The ticket before the first step."""
    old = wanted.old.name if wanted.old else ""
    return Ticket(
        service=service,
        owner=owner,
        environment=wanted.environment.name,
        rollout=wanted.rollout,
        kind=wanted.kind,
        who=who,
        why=why or "not said",
        risk=risk,
        new=wanted.new.name,
        old=old,
        commit=commit,
        strategy=wanted.environment.strategy.kind,
        plan=tuple(steps),
        way_back=f"golive rollback --env {wanted.environment.name} --to {old}" if old else "withdraw it",
    )


def ticket_from(body: Json) -> Ticket | None:
    """The ticket that a `rollout.wanted` record holds; None when it holds none."""
    if not isinstance(body, dict):
        return None
    plan = body.get("plan")
    rest = {key: value for key, value in body.items() if key != "plan"}
    return Ticket(plan=tuple(map(str, plan)) if isinstance(plan, list) else (), **rest)  # type: ignore[arg-type]


def close(ticket: Ticket, settled: Settled) -> Ticket:
    """The ticket with its outcome."""
    took = round((settled.at - settled.began_at).total_seconds())
    return replace(ticket, outcome=settled.outcome, because=settled.because, took_s=took)


def as_json(ticket: Ticket) -> bytes:
    return json.dumps(ticket.body(), indent=2, ensure_ascii=False).encode() + b"\n"


def as_markdown(ticket: Ticket) -> bytes:
    templates = Templates(
        loader=PackageLoader("golive.release"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return templates.get_template("ticket.md").render(ticket=ticket).encode()
