"""One rule that a protocol is held against: a stable name, how bad, why, and what to change."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. Errors say that following the document will fail or do something else than it says."""

    id: str
    severity: Severity
    says: str
    why: str
    next: str


def error(id: str, says: str, why: str, next: str) -> Rule:
    return Rule(id=id, severity="error", says=says, why=why, next=next)


def warning(id: str, says: str, why: str, next: str) -> Rule:
    return Rule(id=id, severity="warning", says=says, why=why, next=next)


def note(id: str, says: str, why: str, next: str) -> Rule:
    return Rule(id=id, severity="note", says=says, why=why, next=next)
