"""A team's own rules over the verdicts of an environment, as claims of the gate.

A rule is proven when its expression is true of the evidence *and* false of the same evidence with every
claim refuted: a rule that is not false there was not seen to fail. What gives no truth value is unproven.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from golive.evidence.claim import Claim, Verdict
from golive.gate.claims.verdict import Judged
from golive.spec.values import OwnRule

MOST_MACROS = 3  # each runs over all claims, inside each other they multiply

# CEL lets spaces and comments stand before the parenthesis, and its evaluator knows both spellings of exists_one.
_MACRO = re.compile(r"\b(?:all|exists|exists_one|existsOne|map|filter)(?:\s|//[^\n]*\n)*\(")


class Expressions(Protocol):
    """Evaluates one expression; implemented by `drivers.policies.cel`."""

    def value(self, expression: str, evidence: Mapping[str, object]) -> object:
        """What it gives on the evidence; `ValueError` says why it gives nothing."""
        ...


def judged_rules(
    rules: Sequence[OwnRule], judged: Sequence[Judged], environment: str, expressions: Expressions
) -> Iterator[Judged]:
    """Each rule with its verdict. `evidence` has `environment` and `claims`, by id: see `evidence`."""
    told = evidence(judged, environment)
    opposite = {**told, "claims": {name: {**c, "verdict": "refuted"} for name, c in _claims(told).items()}}
    for rule in rules:
        if not rule.environments or environment in rule.environments:
            verdict, because = _verdict(rule, told, opposite, expressions)
            yield Judged(claim=_claim(rule), verdict=verdict, because=because, next=f"see rules: {rule.id}")


def evidence(judged: Sequence[Judged], environment: str) -> dict[str, object]:
    """What an expression sees: of each claim verdict, phase, record (0: none) and controls."""
    claims = {
        one.claim.id: {
            "verdict": str(one.verdict),
            "phase": one.claim.phase,
            "record": one.proof.seq if one.proof else 0,
            "controls": list(one.claim.controls),
        }
        for one in judged
    }
    return {"environment": environment, "claims": claims}


def _verdict(
    rule: OwnRule, told: Mapping[str, object], opposite: Mapping[str, object], expressions: Expressions
) -> tuple[Verdict, str]:
    if len(_MACRO.findall(rule.require)) > MOST_MACROS:
        return Verdict.UNPROVEN, f"it has more than {MOST_MACROS} of all, exists, map and filter"
    try:
        found = expressions.value(rule.require, told)
    except ValueError as error:
        return Verdict.UNPROVEN, f"it gives nothing: {error}"
    if not isinstance(found, bool):
        return Verdict.UNPROVEN, f"it gives {found!r}, neither true nor false"[:200]
    if not found:
        return Verdict.REFUTED, f"not true: {rule.require}"
    if not _turns_red(rule, opposite, expressions):
        return Verdict.UNPROVEN, "it is not false when every claim is refuted: it cannot fail"
    return Verdict.PROVEN, f"true: {rule.require}"


def _turns_red(rule: OwnRule, opposite: Mapping[str, object], expressions: Expressions) -> bool:
    """No answer is not red: it did not show that the rule can fail."""
    try:
        return expressions.value(rule.require, opposite) is False
    except ValueError:
        return False


def _claims(told: Mapping[str, object]) -> dict[str, dict[str, object]]:
    claims = told["claims"]
    assert isinstance(claims, dict)
    return claims


def _claim(rule: OwnRule) -> Claim:
    return Claim(
        id=rule.id,
        statement=rule.statement,
        phase="gate",
        exercise=rule.require,
        control="the same with every claim refuted",
        inputs=frozenset(),
        lifetime=timedelta(days=1),
        next=f"see rules: {rule.id}",
    )
