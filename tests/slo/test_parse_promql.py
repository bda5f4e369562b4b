"""What golive writes as PromQL it reads back; what it does not know it refuses."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from books import EVERY, SELDOM, book
from golive.errors import Exit, Failure
from golive.slo.panels import rows
from golive.slo.parse import parse
from golive.slo.promql import AtMost, By, Expression, Now, Number, Over, Quantile, Sampled, Select, Two, text
from golive.slo.series import Matcher

LABELS = st.sampled_from(["service", "le", "code"])
MATCHERS = st.builds(
    Matcher, LABELS, st.sampled_from(["=", "!="]), st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]))
)
SELECTS = st.builds(Select, st.sampled_from(["up", "slo:x:ratio", "time_ms"]), st.tuples(MATCHERS) | st.just(()))
LENGTHS = st.integers(1, 10**6).map(lambda s: timedelta(seconds=s))
OVERS = st.builds(Over, st.sampled_from(["rate", "increase", "max_over_time", "avg_over_time"]), SELECTS, LENGTHS)
NUMBERS = st.builds(Number, st.integers(-(10**6), 10**6).map(lambda n: n / 1000))


def larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    ops = ["+", "-", "*", "/", ">", "<", "==", ">=", "<=", "> bool", "and", "or", "unless"]
    return st.one_of(
        st.builds(By, st.sampled_from(["sum", "max"]), inner, st.lists(LABELS, max_size=2).map(tuple)),
        st.builds(Two, st.sampled_from(ops), inner, inner),
        st.builds(Sampled, inner, LENGTHS, LENGTHS),
        st.builds(Quantile, st.sampled_from([0.5, 0.99]), inner),
        st.builds(AtMost, inner, st.just(1.0)),
    )


@given(st.recursive(SELECTS | OVERS | NUMBERS | st.just(Now()), larger, max_leaves=8))
def test_what_is_written_is_read_back_the_same(written: Expression) -> None:
    assert text(parse(text(written), where="t")) == text(written)


@pytest.mark.parametrize("more", [EVERY, SELDOM, ""])
def test_every_rule_and_panel_is_read_back_as_it_is(more: str) -> None:
    found = book(more)
    of = [alert.of for alert in found.alerts] + [one.of for one in (*found.recordings, *found.budgets)]
    of += [c.of for row in rows(found, "shop", "live") for panel in row.panels for c in panel.curves]
    assert len(of) > 20
    for one in of:
        assert text(parse(text(one), where="t")) == text(one)


def test_arithmetic_binds_before_comparison_and_that_before_sets() -> None:
    assert parse("a + b * c > d or e and f", where="t") == Two(
        "or",
        Two(">", Two("+", Select("a"), Two("*", Select("b"), Select("c"))), Select("d")),
        Two("and", Select("e"), Select("f")),
    )
    assert parse("a - b - c", where="t") == Two("-", Two("-", Select("a"), Select("b")), Select("c"))
    assert parse("sum(a) by (le)", where="t") == parse("sum by (le) (a)", where="t")
    assert parse("sum(a) or vector(0)", where="t") == Two("or", By("sum", Select("a"), ()), Number(0))
    assert parse("rate(a[1h30m])", where="t") == Over("rate", Select("a"), timedelta(minutes=90))


NOT_KNOWN = """
absent(a); a +; (a; a); rate(a); rate(a[5]); rate(a[]); rate(a[0s]); rate(a[5m:1m]); a{b}; sum without (x) (a)
a offset 5m; a == bool b; topk(3, a); a[5m]; $x; "a"; rate(a[99999999999999999999999999999d]); a @ 5; é; a > bool
max_over_time((a)[1h:1m]); by (x) (a)
"""
QUERIES = [one.strip() for line in NOT_KNOWN.split("\n") for one in line.split(";") if line]


@pytest.mark.parametrize("query", ["", *QUERIES, "(" * 5000 + "a" + ")" * 5000], ids=range(len(QUERIES) + 2))
def test_what_is_not_known_is_refused_with_its_place(query: str) -> None:
    with pytest.raises(Failure) as refused:
        parse(query, where="panel Errors")
    assert refused.value.code == Exit.USAGE
    assert "panel Errors" in refused.value.where
