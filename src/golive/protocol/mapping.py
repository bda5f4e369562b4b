"""Which of golive's own claims stand for a numbered action, by the words that it uses. Data, shown by the plan.

A row fits an action when every group of the row has a word of the action that begins with one of its stems; of
several rows the one with the most groups wins, then the first. Words of a document cannot make a claim true: they
only choose which claims are looked at. An action without a row is for a person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_WORD = re.compile(r"[a-z][a-z-]*")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of action, and the claims by which it is judged."""

    name: str
    stems: tuple[tuple[str, ...], ...]
    claims: tuple[str, ...]


ROWS = (
    Row(
        name="infrastructure",
        stems=(("infrastructur", "provision"), ("requirement", "account", "permission", "secret", "environment")),
        claims=(
            "credentials-valid",
            "ci-permitted",
            "secrets-resolvable",
            "secrets-not-in-repository",
            "machine-ready",
            "target-capable",
        ),
    ),
    Row(
        name="monitoring tools",
        stems=(("monitor", "alert", "observab"), ("tool", "trace")),
        claims=("metrics-received", "logs-received", "traces-received", "incident-channel-received"),
    ),
    Row(
        name="way back planned",
        stems=(("rollback", "roll-back"), ("strateg", "plan"), ("document", "migrat", "ensure")),
        claims=("rollback-planned", "migration-reversible"),
    ),
    Row(
        name="deployed",
        stems=(("deploy",), ("automat", "run", "execut"), ("target", "environment", "staging", "production")),
        claims=("staging-passed", "deployed", "bytes-verified"),
    ),
    Row(
        name="deploy recorded",
        stems=(
            ("captur", "record", "collect", "stor"),
            ("log", "snapshot", "ticket"),
            ("deploy", "configur", "chang"),
        ),
        claims=("deploy-recorded",),
    ),
    Row(
        name="health and smoke tests",
        stems=(("health", "smoke"), ("check", "test", "verif")),
        claims=("deployed", "smoke-passed"),
    ),
    Row(name="dashboards", stems=(("dashboard",), ("enabl", "updat", "creat")), claims=("dashboards-have-data",)),
    Row(
        name="load",
        stems=(("performance", "load"), ("test", "validat"), ("execut", "run", "perform")),
        claims=("load-within-objectives",),
    ),
    Row(name="alerts", stems=(("alert",), ("threshold", "review", "fire", "tune")), claims=("alerts-proven",)),
    Row(
        name="incident response",
        stems=(("incident",), ("flow", "response", "channel", "rotation", "on-call")),
        claims=("incident-flow-documented", "on-call-reachable"),
    ),
    Row(
        name="way back tried",
        stems=(("rollback", "roll-back"), ("test", "rehears", "drill")),
        claims=("rollback-rehearsed",),
    ),
    Row(
        name="way back recorded",
        stems=(("rollback", "roll-back"), ("evidence", "record"), ("validat", "readiness")),
        claims=("rollback-rehearsed", "evidence-verified"),
    ),
    Row(
        name="artifacts validated",
        stems=(("validat", "verif"), ("artifact", "coverage"), ("deploy", "monitor", "readiness")),
        claims=("evidence-verified", "deploy-recorded"),
    ),
    Row(
        name="signed off",
        stems=(("stakeholder", "approver", "owner"), ("sign", "approv"), ("off", "confirm", "sign-off")),
        claims=("signed-off",),
    ),
    Row(
        name="runbook and manifest",
        stems=(("updat", "complet"), ("manifest", "runbook"), ("evidence", "operations", "runbook")),
        claims=("runbook-complete", "evidence-verified"),
    ),
)


def row_for(text: str, rows: tuple[Row, ...] = ROWS) -> Row | None:
    """The row that fits an action's text best; None when it is for a person."""
    words = _WORD.findall(text.lower())
    fitting = [row for row in rows if all(_says(words, stems) for stems in row.stems)]
    return max(fitting, key=lambda row: len(row.stems), default=None)


def claims_by_row() -> Mapping[str, tuple[str, ...]]:
    """The whole mapping, for pages and for `--json`."""
    return {row.name: row.claims for row in ROWS}


def _says(words: list[str], stems: tuple[str, ...]) -> bool:
    return any(word.startswith(stem) for word in words for stem in stems)
