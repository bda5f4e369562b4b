"""Which control is served by what: the claims that speak for it, and the records that show it was done.

Ids of controls and our own words only; the texts of frameworks belong to others. An auditor should look the
mapping over once. SOC 2 is the spine, because claims name its criteria; `like` says which criterion's claims serve
a control of another framework as well. NIST is named by claims themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from golive.evidence.record import Record
from golive.gate.claims.catalogue import CLAIMS

EVERY = ""  # the type of no record, and the beginning of each


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control, what it asks for in our words, and the types of records that show it."""

    id: str  # framework, colon, number
    asks: str
    records: tuple[str, ...]
    like: tuple[str, ...] = ()  # criteria of SOC 2 whose claims serve it too


_CHANGE = ("approval.requested", "signoff.received", "rollout.wanted", "rollout.settled", "ticket.closed")
_TRUST = ("roster.published", "policy.published")
_LOG = (EVERY, "log.key")
_TRIED = ("claim.exercised",)
_BACK = ("rollout.turned", "rollout.settled", "claim.exercised")


def _control(id: str, asks: str, records: tuple[str, ...], *like: str) -> Control:
    return Control(id=id, asks=asks, records=records, like=like)


CONTROLS: tuple[Control, ...] = (
    _control("SOC2:CC8.1", "changes are asked for, tested, agreed to by others, and recorded", _CHANGE),
    _control("SOC2:CC6.1", "only those with valid credentials have access", _TRIED),
    _control("SOC2:CC6.3", "who may do what is decided, and taken back in time", _TRUST),
    _control("SOC2:CC6.8", "no software runs that nobody agreed to", ("rollout.wanted", "step.ended")),
    _control("SOC2:CC7.1", "there is a known configuration, and what differs from it is found", _LOG),
    _control("SOC2:CC7.2", "operation is watched, and alerts are tested", _TRIED),
    _control("SOC2:CC7.3", "events are judged and reach those who respond", _TRIED),
    _control("SOC2:CC7.4", "there are roles, ways to be reached, and steps to take", _TRIED),
    _control("SOC2:CC7.5", "there is a way back, and it was tried", _BACK),
    _control("SOC2:A1.1", "there is enough capacity", _TRIED),
    _control("SOC2:A1.2", "recovery is designed for", _TRIED),
    _control("SOC2:A1.3", "recovery was tested, with its time", _BACK, "SOC2:CC7.5"),
    _control("ISO27001:A.5.3", "who writes a change does not approve it alone", _CHANGE),
    _control("ISO27001:A.5.15", "access follows rules", _TRUST, "SOC2:CC6.1"),
    _control("ISO27001:A.5.25", "events are judged", _TRIED, "SOC2:CC7.3"),
    _control("ISO27001:A.5.26", "incidents are responded to as was agreed", _TRIED, "SOC2:CC7.4"),
    _control("ISO27001:A.5.28", "evidence is collected and kept so that it can be trusted", _LOG),
    _control("ISO27001:A.5.29", "service goes on, or comes back, in a disruption", _BACK, "SOC2:CC7.5"),
    _control("ISO27001:A.8.6", "capacity is watched and planned for", _TRIED, "SOC2:A1.1"),
    _control("ISO27001:A.8.9", "configuration is recorded and controlled", ("rollout.wanted",), "SOC2:CC7.1"),
    _control("ISO27001:A.8.13", "copies are made and tried", _TRIED, "SOC2:A1.2"),
    _control("ISO27001:A.8.15", "what happens is logged, and the log is protected", _LOG),
    _control("ISO27001:A.8.16", "operation is watched", _TRIED, "SOC2:CC7.2"),
    _control("ISO27001:A.8.17", "clocks are comparable, and one that was set back is seen", (EVERY,)),
    _control("ISO27001:A.8.19", "what is installed was checked", ("step.ended",), "SOC2:CC6.8"),
    _control("ISO27001:A.8.29", "changes are tested before they are accepted", ("step.ended", "gate.decided")),
    _control("ISO27001:A.8.31", "environments are apart, with rules for each", ("policy.published",)),
    _control("ISO27001:A.8.32", "changes follow a procedure", _CHANGE, "SOC2:CC8.1"),
    _control("NIST:AC-5", "duties are separated", ("signoff.received", *_TRUST)),
    _control("NIST:AU-2", "it is known which events are logged", (EVERY,)),
    _control("NIST:AU-3", "a record says what, when, where, who, and how it ended", (EVERY,)),
    _control("NIST:AU-8", "records carry comparable times", (EVERY,)),
    _control("NIST:AU-9(3)", "the log is protected by cryptography", _LOG),
    _control("NIST:AU-10", "who agreed cannot deny it", ("signoff.received", "waiver.received")),
    _control("NIST:AU-12", "records are made where things are done", (EVERY,)),
    _control("NIST:CA-7", "what was shown once is shown again in time", _TRIED),
    _control("NIST:CM-3", "changes are controlled", _CHANGE),
    _control("NIST:CM-3(1)", "what was not agreed to is stopped by the machine", ("approval.requested",)),
    _control("NIST:CM-3(2)", "changes are tested first", ("step.ended", "gate.decided")),
    _control("NIST:CM-4", "what a change does is found out elsewhere first", _CHANGE),
    _control("NIST:CM-5", "only some may change", _TRUST),
    _control("NIST:CM-5(1)", "that is enforced and recorded", ("signoff.received", "rollout.wanted")),
    _control("NIST:CM-6", "settings are known and recorded", ("rollout.wanted",)),
    _control("NIST:CP-2", "there is a plan for when things fail", _TRIED),
    _control("NIST:CP-4", "that plan was tested", _BACK),
    _control("NIST:CP-10", "service is brought back", _BACK),
    _control("NIST:IA-5", "credentials are looked after", _TRIED),
    _control("NIST:IR-6", "incidents are told to those who must know", _TRIED),
    _control("NIST:IR-8", "there is a plan for incidents", _TRIED),
    _control("NIST:SA-15", "the way software is made protects it", _TRIED),
    _control("NIST:SI-4", "the system is watched", _TRIED),
    _control("NIST:SI-6", "what matters is seen to work", ("step.ended",)),
    _control("NIST:SI-7", "software is what it was when it was agreed to", ("step.ended", "attestation.made")),
    _control("DORA:7", "systems are reliable and have capacity", _TRIED, "SOC2:A1.1"),
    _control("DORA:9(4)(c)", "access is limited", _TRUST, "SOC2:CC6.1"),
    _control("DORA:9(4)(e)", "changes are recorded, tested and approved", _CHANGE, "SOC2:CC8.1", "SOC2:CC6.8"),
    _control("DORA:10", "what is unusual is found", _TRIED, "SOC2:CC7.1", "SOC2:CC7.2"),
    _control("DORA:11", "there are tested ways to respond and recover", _BACK, "SOC2:CC7.5"),
    _control("DORA:12", "copies are made, and recovery is tried", _TRIED, "SOC2:A1.2"),
    _control("DORA:17", "incidents are handled by a known procedure", _TRIED, "SOC2:CC7.3", "SOC2:CC7.4"),
    _control(
        "RTS2024/1774:17",
        "approval is apart from asking and doing; ways back and emergencies are provided for",
        (*_CHANGE, "rollout.turned"),
        "SOC2:CC8.1",
    ),
)

ALSO: Mapping[str, tuple[str, ...]] = {
    spine.id: tuple(control.id for control in CONTROLS if spine.id in control.like)
    for spine in CONTROLS
    if spine.id.startswith("SOC2:")
}


@dataclass(frozen=True, kw_only=True)
class Served:
    """A control with the claims that serve it, and how many records of each type there are."""

    control: Control
    claims: tuple[str, ...]
    records: Mapping[str, int]
    newest: int  # number of the newest of them; 0 when there is none


def served(records: Iterable[Record]) -> tuple[Served, ...]:
    """Every control with what serves it in `records`."""
    counts: dict[str, int] = {}
    newest: dict[str, int] = {}
    for record in records:
        for kind in (EVERY, record.draft.type):
            counts[kind] = counts.get(kind, 0) + 1
            newest[kind] = record.seq
    return tuple(
        Served(
            control=control,
            claims=claims_of(control),
            records={kind: counts.get(kind, 0) for kind in control.records},
            newest=max(newest.get(kind, 0) for kind in control.records),
        )
        for control in CONTROLS
    )


def claims_of(control: Control) -> tuple[str, ...]:
    """The built-in claims that serve a control, by its own id or one that it is like."""
    named = {control.id, *control.like}
    return tuple(claim.id for claim in CLAIMS.values() if named & set(claim.controls))
