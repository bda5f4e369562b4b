"""A team's own rules: true, not true, or without an answer; and one that cannot fail proves nothing."""

import pytest

from golive.drivers.policies.cel import CelExpressions
from golive.evidence.claim import Verdict
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.verdict import Judged
from golive.gate.rules import judged_rules
from golive.spec.values import OwnRule

pytest.importorskip("cel", reason="the extra `policy` is not installed")

JUDGED = [
    Judged(claim=claim, verdict=word, because="", next="")
    for claim, word in zip(CLAIMS.values(), [Verdict.WAIVED] + [Verdict.PROVEN] * 50, strict=False)
]


def word(require, environments=()):
    rule = OwnRule(id="r", statement="s", require=require, environments=environments)
    return [one.verdict for one in judged_rules([rule], JUDGED, "production", CelExpressions())]


@pytest.mark.parametrize(
    ("require", "verdict"),
    [
        ("claims['ci-permitted'].verdict == 'proven'", Verdict.PROVEN),
        ("claims['credentials-valid'].verdict == 'proven'", Verdict.REFUTED),
        ("claims.all(c, claims[c].verdict in ['proven', 'waived'])", Verdict.PROVEN),
        ("claims.exists(c, claims[c].verdict == 'stale')", Verdict.REFUTED),
        ("environment == 'production'", Verdict.UNPROVEN),
        ("true", Verdict.UNPROVEN),
        ("1 + 1", Verdict.UNPROVEN),
        ("claims['none'].verdict == 'proven'", Verdict.UNPROVEN),
        ("no_such_thing", Verdict.UNPROVEN),
        ("1 +", Verdict.UNPROVEN),
        ("1 / 0 == 1", Verdict.UNPROVEN),
        ("(" * 400 + "true" + ")" * 400, Verdict.UNPROVEN),
        ("claims.all(a, claims.all(b, claims.all(c, claims.all(d, true))))", Verdict.UNPROVEN),
    ],
)
def test_a_rule_has_a_verdict(require, verdict):
    assert word(require) == [verdict]


def test_a_rule_is_asked_for_where_it_says():
    assert word("true", ("staging",)) == []
    assert len(word("true", ("production",))) == 1
