"""A team's own rules: true, not true, or without an answer; and one that cannot fail proves nothing."""

import sys
from datetime import timedelta

import pytest

from golive.drivers.policies import cel
from golive.drivers.policies.cel import CelExpressions
from golive.errors import Exit, Failure
from golive.evidence.claim import Verdict
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.verdict import Judged
from golive.gate.rules import MOST_MACROS, judged_rules
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
        ("claims['ci-permitted'].verdict == 'proven' ? true : 1 / 0 == 1", Verdict.UNPROVEN),
        ("(" * 400 + "true" + ")" * 400, Verdict.UNPROVEN),
        ("claims.all(a, claims.all(b, claims.all(c, claims.all(d, true))))", Verdict.UNPROVEN),
    ],
)
def test_a_rule_has_a_verdict(require, verdict):
    assert word(require) == [verdict]


def test_a_rule_is_asked_for_where_it_says():
    assert word("true", ("staging",)) == []
    assert len(word("true", ("production",))) == 1


def nested(macro, depth):
    """True of what is proven or waived, and of nothing that is refuted."""
    inner = "claims['ci-permitted'].verdict == 'proven'"
    for number in range(depth):
        inner = f"claims.{macro}(c{number}, {inner})"
    return inner


@pytest.mark.parametrize("macro", ["all", "exists", "all ", "all // why\n ", "all//\n//\n\t"])
def test_macros_inside_each_other_are_counted_however_they_are_written(macro):
    assert word(nested(macro, MOST_MACROS)) == [Verdict.PROVEN]
    rule = OwnRule(id="r", statement="s", require=nested(macro, MOST_MACROS + 1))
    (judged,) = judged_rules([rule], JUDGED, "production", Unasked())
    assert (judged.verdict, "more than 3" in judged.because) == (Verdict.UNPROVEN, True)


@pytest.mark.parametrize("macro", ["exists_one", "existsOne", "map", "filter"])
def test_every_macro_that_the_evaluator_knows_is_counted(macro):
    (judged,) = judged_rules(
        [OwnRule(id="r", statement="s", require=nested(macro, MOST_MACROS + 1))], JUDGED, "production", Unasked()
    )
    assert "more than 3" in judged.because


class Unasked:
    """Shows that an expression is refused before it is evaluated."""

    def value(self, expression, evidence):
        raise AssertionError(expression)


def test_a_rule_without_the_extra_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cel", None)
    with pytest.raises(Failure) as caught:
        word("true")
    assert caught.value.code is Exit.USAGE
    assert caught.value.next == "pip install 'golive[policy]'"


LIST = f"[{','.join('0' * 150)}]"
BUSY = f"{LIST}.map(a, {LIST}.map(b, {LIST}.map(c, [a, b, c]))) == []"  # minutes, and gigabytes


def test_an_expression_that_takes_too_long_or_too_much_gives_nothing():
    assert len(BUSY) <= 1000
    with pytest.raises(ValueError, match=r"not done within 1 s|broke off"):
        CelExpressions(limit=timedelta(seconds=1)).value(BUSY, {})


def test_an_evaluator_that_dies_gives_nothing(monkeypatch):
    monkeypatch.setattr(cel, "EVALUATION", "golive.no_such_module")
    with pytest.raises(ValueError, match="broke off"):
        CelExpressions().value("true", {})


def test_nothing_is_imported_from_the_folder_of_the_service(tmp_path, monkeypatch):
    (tmp_path / "cel.py").write_text("evaluate = lambda *asked: True")
    monkeypatch.chdir(tmp_path)
    assert CelExpressions().value("1 == 2", {}) is False
