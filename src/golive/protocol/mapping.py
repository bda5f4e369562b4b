"""Which of golive's own claims stand for a numbered action, by the words that it uses. Data, shown by the plan.

A row fits an action when every group of the row has a word of the action that begins with one of its stems; of
several rows the one with the most groups wins, then the first. Words of a document cannot make a claim true: they
only choose which claims are looked at. An action without a row is for a person.
"""

import re
from dataclasses import dataclass

from golive.gate.claims.statements import STATEMENTS

_WORD = re.compile(r"[a-z][a-z-]*")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of action: a statement of the catalogue, and the words by which it is known."""

    number: str  # of the statement, such as 1.1
    stems: tuple[tuple[str, ...], ...]

    @property
    def statement(self) -> str:
        return next(name for name in STATEMENTS if name.startswith(f"{self.number} "))

    @property
    def claims(self) -> tuple[str, ...]:
        return STATEMENTS[self.statement]


ROWS = (
    Row(
        number="1.1",
        stems=(("infrastructur", "provision"), ("requirement", "account", "permission", "secret", "environment")),
    ),
    Row(number="1.2", stems=(("monitor", "alert", "observab"), ("tool", "trace"))),
    Row(number="1.3", stems=(("rollback", "roll-back"), ("strateg", "plan"), ("document", "migrat", "ensure"))),
    Row(
        number="2.1",
        stems=(("deploy",), ("automat", "run", "execut"), ("target", "environment", "staging", "production")),
    ),
    Row(
        number="2.2",
        stems=(
            ("captur", "record", "collect", "stor"),
            ("log", "snapshot", "ticket"),
            ("deploy", "configur", "chang"),
        ),
    ),
    Row(number="2.3", stems=(("health", "smoke"), ("check", "test", "verif"))),
    Row(number="3.1", stems=(("dashboard",), ("enabl", "updat", "creat"))),
    Row(number="3.2", stems=(("performance", "load"), ("test", "validat"), ("execut", "run", "perform"))),
    Row(number="3.3", stems=(("alert",), ("threshold", "review", "fire", "tune"))),
    Row(number="4.1", stems=(("incident",), ("flow", "response", "channel", "rotation", "on-call"))),
    Row(number="4.2", stems=(("rollback", "roll-back"), ("test", "rehears", "drill"))),
    Row(number="4.3", stems=(("rollback", "roll-back"), ("evidence", "record"), ("validat", "readiness"))),
    Row(number="5.1", stems=(("validat", "verif"), ("artifact", "coverage"), ("deploy", "monitor", "readiness"))),
    Row(
        number="5.2",
        stems=(("stakeholder", "approver", "owner"), ("sign", "approv"), ("off", "confirm", "sign-off")),
    ),
    Row(
        number="5.3", stems=(("updat", "complet"), ("manifest", "runbook"), ("evidence", "operations", "runbook"))
    ),
)


def row_for(text: str, rows: tuple[Row, ...] = ROWS) -> Row | None:
    """The row that fits an action's text best; None when it is for a person."""
    words = _WORD.findall(text.lower())
    fitting = [row for row in rows if all(_says(words, stems) for stems in row.stems)]
    return max(fitting, key=lambda row: len(row.stems), default=None)


def _says(words: list[str], stems: tuple[str, ...]) -> bool:
    return any(word.startswith(stem) for word in words for stem in stems)
