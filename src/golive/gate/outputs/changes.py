"""Every change as one row: what auditors draw their sample from, with who asked, signed, tested and deployed it.

A change is a rollout, also one that failed or goes back. Approvers are those who counted when it began, as the
audit of the records found them; what a record merely claims is not repeated here. Times are UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from golive.evidence.record import Json, Record
from golive.evidence.shape import instant
from golive.gate.approval.quorum import Counted, Question, decide
from golive.gate.audit import Approved, Audit
from golive.gate.outputs.sheet import sheet

UNDER_WAY = "under way"
_WANTED = "rollout.wanted"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One rollout in words and digests; "" is what nobody said, or what was not asked for."""

    rollout: str
    environment: str
    kind: str  # deploy or rollback
    began: str
    ended: str
    outcome: str
    because: str
    revision: str
    replaced: str
    commit: str
    why: str
    risk: str
    ticket: str  # its file below evidence/
    plan: str  # digest of the plan that was approved
    config: str
    requested_by: str
    authors: str
    approved_by: str
    emergency: str  # yes or no
    approved_after: str  # who completed the quorum of an emergency later on
    deployed_by: str
    tests: str
    judged: str
    records: str  # first and last

    def body(self) -> dict[str, Json]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


def changes(records: Sequence[Record], audit: Audit) -> tuple[Change, ...]:
    """The changes that `records` tell of, oldest first; `audit` has taken all records of the log."""
    of: dict[str, list[Record]] = {}
    for record in records:
        if record.draft.type == _WANTED or record.draft.rollout in of:
            of.setdefault(record.draft.rollout, []).append(record)
    return tuple(_change(found, audit) for found in of.values())


def table(found: Sequence[Change]) -> str:
    """As CSV, one line for each change."""
    columns = [one.name for one in fields(Change)]
    return sheet(columns, ([getattr(change, name) for name in columns] for change in found))


def _change(records: Sequence[Record], audit: Audit) -> Change:
    first = records[0]
    wanted, ticket = first.draft.body, _object(first.draft.body.get("ticket"))
    end = next((r for r in records if r.draft.type == "rollout.settled"), None)
    approved = audit.approvals.get(first.draft.rollout)
    ended = end.draft.body if end else {}
    return Change(
        rollout=first.draft.rollout,
        environment=first.draft.environment,
        kind=str(wanted["kind"]),
        began=instant(first.draft.at),
        ended=instant(end.draft.at) if end else "",
        outcome=str(ended.get("outcome", UNDER_WAY)),
        because=str(ended.get("because", "")),
        revision=str(_object(wanted["new"]).get("digest", "")),
        replaced=str(_object(wanted["old"]).get("digest", "")),
        **{name: str(ticket.get(name, "")) for name in ("commit", "why", "risk")},
        ticket=_ticket_file(records),
        **_signed(approved, audit, first.seq),
        deployed_by=first.draft.actor.id,
        tests=_tests(records),
        judged=_judged(records),
        records=f"{first.seq}-{records[-1].seq}",
    )


def _signed(approved: Approved | None, audit: Audit, seq: int) -> dict[str, str]:
    """The columns about people; empty where nobody was asked."""
    if approved is None:
        names = ("plan", "config", "requested_by", "authors", "approved_by", "approved_after")
        return {**dict.fromkeys(names, ""), "emergency": "no"}
    request, found = approved.question.request, approved.approval
    after = _later(approved.question, audit, seq) if found.emergency else ()
    return {
        "plan": request.proposal.plan,
        "config": request.proposal.config,
        "requested_by": request.requester,
        "authors": "; ".join(request.authors),
        "approved_by": _people(found.counted),
        "emergency": "yes" if found.emergency else "no",
        "approved_after": _people(after),
    }


def _later(question: Question, audit: Audit, seq: int) -> tuple[Counted, ...]:
    """Who signed after record `seq`, once that made the quorum whole."""
    received = audit.trust.signoffs.get(question.request.nonce, ())
    if not received:
        return ()
    found = decide(replace(question, now=received[-1].at), received)
    whole = found.met and not found.emergency
    return tuple(one for one in found.counted if one.seq > seq) if whole else ()


def _people(counted: Sequence[Counted]) -> str:
    return "; ".join(f"{one.person} as {one.role}" for one in counted)


def _tests(records: Sequence[Record]) -> str:
    """The last run of each smoke test."""
    ended = _ended(records, "smoke ")
    failed = [key for key, record in ended.items() if record.draft.result != "ok"]
    counts = f"{len(ended) - len(failed)} passed" if ended else ""
    return f"{counts}, failed: {'; '.join(failed)}" if failed else counts


def _judged(records: Sequence[Record]) -> str:
    ended = _ended(records, "judge ")
    return "; ".join(
        f"{key.removeprefix('judge ')} %: {record.draft.body.get('answer', 'unknown')}"
        for key, record in ended.items()
    )


def _ended(records: Sequence[Record], prefix: str) -> dict[str, Record]:
    """The newest end of each step whose key begins so."""
    ended = ((str(r.draft.body.get("key", "")), r) for r in records if r.draft.type == "step.ended")
    return {key: record for key, record in ended if key.startswith(prefix)}


def _ticket_file(records: Sequence[Record]) -> str:
    files = [artifact.path for record in records for artifact in record.draft.artifacts]
    tickets = [path for path in files if path.endswith(".json") and "/ticket" in path]
    return tickets[-1] if tickets else ""


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
