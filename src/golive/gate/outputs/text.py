"""A gate's decision for people: state first, then what is open with its reason and the next command."""

from golive.evidence.claim import Verdict
from golive.gate.claims.verdict import Judged
from golive.gate.decision import GateDecision

MARKS = {
    Verdict.PROVEN: "✓",
    Verdict.REFUTED: "✗",
    Verdict.UNPROVEN: "?",
    Verdict.STALE: "~",
    Verdict.WAIVED: "w",
}


def text(decision: GateDecision) -> str:
    """For a terminal."""
    word = "passed" if decision.passed else "not passed"
    counts = ", ".join(f"{decision.count(v)} {v}" for v in Verdict if decision.count(v))
    lines = [f"{decision.environment}: the {decision.phase} gate is {word}: {counts or 'nothing is asked for'}"]
    lines += [row(one) for one in decision.judged]
    return "\n".join(lines)


def row(one: Judged) -> str:
    """One claim, with what to do when it is open."""
    line = f"  {MARKS[one.verdict]} {one.claim.id:<26} {one.verdict:<9} {one.because}"
    return line + (f"\n      next: {one.next}" if one.next else "")


def markdown(decision: GateDecision) -> str:
    """For a pull request, or the summary of a pipeline."""
    word = "passed" if decision.passed else "not passed"
    lines = [
        f"## {decision.service}: {decision.phase} gate for {decision.environment}: {word}",
        "",
        "| | claim | verdict | why | next |",
        "|---|---|---|---|---|",
    ]
    for one in decision.judged:
        next_step = f"`{_cell(one.next)}`" if one.next else ""
        lines.append(
            f"| {MARKS[one.verdict]} | {one.claim.id} | {one.verdict} | {_cell(one.because)} | {next_step} |"
        )
    return "\n".join(lines) + "\n"


def _cell(words: str) -> str:
    """Text that stays in its cell and is no markup."""
    plain = " ".join(words.split())
    for mark in "\\`|<>*_[]":
        plain = plain.replace(mark, f"\\{mark}" if mark != "`" else "'")
    return plain
