"""Every rule fires when it must and is silent when it must; and no rule that is a little wrong gets through."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from books import EVERY, SELDOM, book
from golive.slo.alerts import Alert
from golive.slo.plants import shapes
from golive.slo.promql import By, Number, Over, Select, Two
from golive.slo.rehearsal import fires, rehearse
from golive.slo.rulebook import RuleBook
from golive.slo.series import Matcher

ENVIRONMENT = "production"


@pytest.mark.parametrize("more", ["", EVERY, SELDOM], ids=["from objectives", "every kind", "seldom"])
def test_every_rule_does_what_it_must(more: str) -> None:
    found = list(rehearse(book(more), ENVIRONMENT))
    assert found
    for alert, shown in found:
        assert {one.plant.fires for one in shown} == {True, False}, alert.name
        assert [one.plant.because for one in shown if not one.as_expected] == [], alert.name


def test_all_four_signals_have_an_alert() -> None:
    assert {alert.signal for alert in book().alerts} == {"latency", "traffic", "errors", "saturation"}


def test_a_burn_rate_that_nothing_could_reach_is_left_out() -> None:
    assert [alert.name for alert in book(SELDOM).alerts if alert.burn] == [
        "LooseBurn6h",
        "LooseBurn1d",
        "LooseBurn3d",
    ]


def changed(of: Any, change: Any) -> Any:
    """The expression with `change` applied to every part of it, innermost first."""
    match of:
        case Two(op, left, right):
            of = Two(op, changed(left, change), changed(right, change))
        case By(function, inner, labels):
            of = By(function, changed(inner, change), labels)
        case Over(function, inner, window):
            of = Over(function, changed(inner, change), window)
    return change(of)


def numbers(factor: float) -> Any:
    return lambda of: Number(of.value * factor) if isinstance(of, Number) and of.value else of


def metric(old: str, new: str) -> Any:
    return lambda of: replace(of, metric=of.metric.replace(old, new)) if isinstance(of, Select) else of


def label(name: str, value: str) -> Any:
    def one(of: Any) -> Any:
        if not isinstance(of, Select):
            return of
        return replace(
            of, matchers=tuple(Matcher(m.label, "=", value) if m.label == name else m for m in of.matchers)
        )

    return one


def window(old: timedelta, new: timedelta) -> Any:
    return lambda of: replace(of, window=new) if isinstance(of, Over) and of.window == old else of


def operator(old: str, new: str) -> Any:
    return lambda of: replace(of, op=new) if isinstance(of, Two) and of.op == old else of


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RECORDED = "slo:sli_error:ratio_rate"
MUTANTS = [
    ("AvailabilityBurn1h", "threshold ten times too high", numbers(10)),
    ("AvailabilityBurn1h", "threshold ten times too low", numbers(0.1)),
    ("AvailabilityBurn1h", "threshold a tenth too high", numbers(1.1)),
    ("AvailabilityBurn1h", "threshold a tenth too low", numbers(0.9)),
    ("AvailabilityBurn3d", "threshold unreachable", numbers(200)),
    ("AvailabilityBurn1h", "renamed recording", metric(RECORDED, "slo:errors:ratio_rate")),
    ("AvailabilityBurn1h", "another slo", label("slo", "latency")),
    ("AvailabilityBurn1h", "another service", label("service", "storefront-old")),
    ("AvailabilityBurn1h", "long window too short", metric("ratio_rate1h", "ratio_rate5m")),
    ("AvailabilityBurn1h", "short window too long", metric("ratio_rate5m", "ratio_rate1h")),
    ("AvailabilityBurn6h", "long window too short", metric("ratio_rate6h", "ratio_rate30m")),
    ("AvailabilityBurn6h", "long window too long", metric("ratio_rate6h", "ratio_rate1d")),
    ("AvailabilityBurn1d", "short window too short", metric("ratio_rate2h", "ratio_rate5m")),
    ("AvailabilityBurn3d", "long window too short", metric("ratio_rate3d", "ratio_rate1d")),
    ("AvailabilityBurn1h", "either window is enough", operator("and", "or")),
    ("AvailabilityBurn1h", "below instead of above", operator(">", "<")),
    ("LatencyBurn1h", "threshold ten times too high", numbers(10)),
    ("LatencyBurn6h", "another slo", label("slo", "availability")),
    ("AllBurn1h", "one part only", label("slo", "latency")),
    ("PaidBurn1h", "below instead of above", operator(">", "<")),
    ("CartBurn1h", "renamed recording", metric("ratio_rate5m", "ratio_rate10m")),
    ("FreshBurn1h", "threshold unreachable", numbers(50)),
    ("NoTraffic", "another metric", metric("envoy_cluster_external", "envoy_cluster")),
    ("NoTraffic", "never zero", operator("==", ">")),
    ("NoTraffic", "calls for what has just begun", operator("and", "or")),
    ("TargetsDown", "another job", label("service", "other")),
    ("TargetsDown", "never zero", operator("==", "<")),
    ("TelemetryLost", "looked for too long", window(5 * MINUTE, 50 * MINUTE)),
    ("TelemetryLost", "of both", operator("unless", "and")),
    ("ConnectionsShort", "limit too high", numbers(1.2)),
    ("ConnectionsShort", "another pool", label("pool", "other")),
]  # fmt: skip


def named(made: RuleBook, name: str) -> Alert:
    return next(alert for alert in made.alerts if alert.name == name)


@pytest.mark.parametrize(("name", "what", "change"), MUTANTS, ids=[f"{m[0]}: {m[1]}" for m in MUTANTS])
def test_a_rule_that_is_a_little_wrong_is_found(name: str, what: str, change: Any) -> None:
    made = book(EVERY)
    alert = named(made, name)
    wrong = replace(alert, of=changed(alert.of, change))
    assert wrong != alert, what
    plants = shapes(alert, made.observe, made.by_name)
    assert any(fires(made, wrong, plant, ENVIRONMENT) != plant.fires for plant in plants)


def test_a_rule_does_not_fire_for_another_environment() -> None:
    made = book(EVERY)
    alert = named(made, "AvailabilityBurn1h")
    narrowed = replace(alert, of=changed(alert.of, lambda of: of))
    plant = shapes(narrowed, made.observe, made.by_name)[0]
    assert fires(made, alert, plant, "staging")
    assert not fires(made, replace(alert, of=By("max", alert.of, ("service",))), plant, "staging")
