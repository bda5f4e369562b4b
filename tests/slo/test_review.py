"""Thresholds held against the past: calls are counted once each, gaps count as nothing, suggestions would hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from books import EVERY, book
from golive.slo.alerts import Alert
from golive.slo.budget import MILLION
from golive.slo.review import (
    Asked,
    Burnt,
    Replayed,
    against,
    asked,
    bad_in,
    loose,
    replayed,
    said,
    stricter,
    suggestion,
)
from golive.slo.series import Series
from golive.spec.observed import Saturation, Slo

BOOK = book(EVERY)
ASKED = {one.alert.name: one for one in asked(BOOK, "production")}
STEP = timedelta(minutes=5)
T0 = 1_700_000_000_000


def past(*values: float | None) -> Series:
    """One value each step; None where there was none."""
    points = [(T0 + n * 300_000, value) for n, value in enumerate(values) if value is not None]
    return Series(labels=(), times_ms=[at for at, _ in points], values=[value for _, value in points])


def over(name: str, *found: Series) -> Replayed:
    return replayed(ASKED[name], found, STEP, looked=10)


def test_every_alert_is_asked_about_the_real_service_alone() -> None:
    assert ASKED.keys() == {alert.name for alert in BOOK.alerts}
    for one in ASKED.values():
        assert len(one.of) == (2 if one.alert.burn else 1)
        if not one.fires:
            assert "drill" not in repr(one.of)


def test_a_burn_rate_calls_where_both_windows_are_above_and_each_time_once() -> None:
    limit = ASKED["AvailabilityBurn1h"].limit
    long, short = (
        past(*(limit * x for x in (0, 2, 2, 2, 0, 2, 2))),
        past(*(limit * x for x in (2, 2, 3, 0, 2, 0, 2))),
    )
    found = over("AvailabilityBurn1h", long, short)
    assert (found.calls, found.minutes, found.word) == (2, 15, "called")
    assert found.closest == pytest.approx(2)
    assert found.looked == 7


def test_exactly_at_the_threshold_nobody_is_called() -> None:
    limit = ASKED["AvailabilityBurn1h"].limit
    found = over("AvailabilityBurn1h", past(limit), past(limit))
    assert (found.calls, found.word, found.closest) == (0, "came near", 1)


def test_where_nothing_was_measured_nothing_is_known() -> None:
    assert over("AvailabilityBurn1h").word == "no data"
    assert over("AvailabilityBurn1h", past(0.5)).word == "no data"  # the other window has none
    assert over("AvailabilityBurn1h", past(None, float("nan")), past(1.0, 1.0)).word == "no data"
    assert replayed(ASKED["NoTraffic"], (), STEP, looked=0).word == "no data"
    assert replayed(ASKED["NoTraffic"], (), STEP, looked=5).word == "silent"


def test_a_pause_in_what_was_measured_ends_a_call() -> None:
    limit = ASKED["ConnectionsShort"].limit
    assert over("ConnectionsShort", past(1.1 * limit, None, None, 1.1 * limit)).calls == 2
    assert over("NoTraffic", past(0.0, 0.0, None, 0.0)).calls == 2


@given(st.floats(1.01, 60))
def test_with_the_suggested_target_the_same_past_would_have_been_silent(closest: float) -> None:
    alert = ASKED["AvailabilityBurn1h"].alert
    told = suggestion(alert, closest, long=False)
    assert isinstance(alert.source, Slo)
    assert alert.burn
    assume("no target" not in told)
    target = float(told.removeprefix("silent with a target of ").removesuffix(" %"))
    factor = alert.burn.factor(alert.source.window)
    assert closest * float(alert.threshold) <= float(factor) * (1 - target / 100) + 1e-12
    assert target < alert.source.target_ppm * 100 / MILLION


def test_suggestions_are_about_what_was_seen_and_silent_where_the_past_says_nothing() -> None:
    burn, used = ASKED["AvailabilityBurn1h"].alert, ASKED["ConnectionsShort"].alert
    assert suggestion(burn, 0, long=True) == suggestion(burn, 0.5, long=True) == ""
    assert suggestion(burn, 1e6, long=True) == "no target would have been silent"
    assert (
        suggestion(used, 1.01, long=True) == "it was full: more of it is needed"
    )  # 81 % of it, and a quarter more
    assert suggestion(used, 0.2, long=True) == "a limit of 20 % would have been silent too"
    assert suggestion(used, 0.2, long=False) == suggestion(used, 0.7, long=True) == ""
    small: Alert = replace(used, source=Saturation(name="x", metric="x", limit_ppm=500_000))
    assert suggestion(small, 1.2, long=False) == "silent with a limit of 75 %"


def quiet_day(closest: float, moments: int = 300) -> list[Replayed]:
    """All four alerts of an SLO, over 25 hours unless told."""
    own = [alert for alert in BOOK.alerts if alert.labels.get("slo") == "availability"]
    return [
        Replayed(
            alert=alert.name,
            signal=alert.signal,
            severity=alert.severity,
            looked=moments,
            calls=0,
            minutes=0,
            closest=closest,
            at=None,
            suggestion="",
        )
        for alert in own
    ]


def test_a_stricter_target_is_named_after_a_calm_day_and_would_have_held() -> None:
    slo = BOOK.by_name["availability"]  # 99.9 %
    assert stricter(slo, quiet_day(0.01), BOOK, STEP) == (
        "a target of 99.998 % would have been silent at twice the trouble"
    )
    for calm in (quiet_day(0.01, moments=100), quiet_day(0.2), quiet_day(0.0), quiet_day(0.01)[:-1] and []):
        assert stricter(slo, calm, BOOK, STEP) == ""


def test_a_budget_that_went_unheard_is_told() -> None:
    silent = Replayed(
        alert="CartBurn1h",
        signal="errors",
        severity="page",
        looked=9,
        calls=0,
        minutes=0,
        closest=0.5,
        at=None,
        suggestion="",
    )
    gone = [Burnt(slo="cart", bad=0.02, burnt=1.5), Burnt(slo="paid", bad=0.1, burnt=0.9)]
    assert loose(gone, [silent], BOOK) == ("cart",)
    assert loose(gone, [replace(silent, calls=1)], BOOK) == ()
    assert bad_in(BOOK, BOOK.by_name["all"], "production", STEP) is None
    assert bad_in(BOOK, BOOK.by_name["cart"], "production", STEP) is not None


def test_a_call_or_an_unseen_budget_refutes_and_missing_data_proves_nothing() -> None:
    calm, day = quiet_day(0.3), timedelta(days=1)
    assert said(calm, (), day) == (
        "proven",
        "no threshold was crossed in 24h; AvailabilityBurn1h came closest: 30%",
    )
    assert said([*calm, replace(calm[0], calls=2)], (), day)[0] == "refuted"
    assert said(calm, ("cart",), day)[0] == "refuted"
    assert said([*calm, replace(calm[0], looked=0)], (), day)[0] == "nothing"


LOAD: dict[str, Any] = {"totals": {"error_ratio": 0.02}, "percentiles": [[0.5, 40], [0.9, 250], [0.99, 900]]}


def test_a_load_tells_what_would_happen_if_it_went_on() -> None:
    found = {one.slo: one for one in against(BOOK, LOAD)}
    assert found.keys() == {"availability", "latency"}  # the others count other requests than those of a load
    assert found["availability"].burn_rate == pytest.approx(20)
    assert set(found["availability"].calls) == {f"AvailabilityBurn{w}" for w in ("1h", "6h", "1d", "3d")}
    assert found["latency"].bad == pytest.approx(0.1)  # 250 ms is within 300, 900 is not
    assert "LatencyBurn1h" not in found["latency"].calls
    with pytest.raises(KeyError):
        against(BOOK, {"totals": {}})


def test_a_lower_limit_calls_for_the_same_past() -> None:
    one: Asked = ASKED["ConnectionsShort"]
    seen = past(0.1, 0.2, 0.3)
    assert replayed(one, [seen], STEP, 3).calls == 0
    assert replayed(replace(one, limit=0.15), [seen], STEP, 3).calls == 1
