"""Alerts over time: told at least once, ended once told, whatever crashes between."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from books import EVERY, book
from golive.slo.firing import Firing, Watched, due, told, tried, went_on
from golive.slo.notice import webhook
from golive.slo.series import labels_of

SHOP, CART = (("service", "shop"),), (("service", "cart"),)
HOUR = 3_600_000


def names(found: tuple[Firing, ...]) -> list[str]:
    return [one.alert for one in found]


def test_what_holds_is_told_once_and_again_after_hours() -> None:
    table = went_on((), {"A": {SHOP}}, (), 1000)
    assert names(due(table, 1000)) == ["A"]
    table = told(tried(table, due(table, 1000)), due(table, 1000), 1000)
    for at_ms, expected in ((2000, 0), (4 * HOUR, 0), (4 * HOUR + 1000, 1)):
        table = went_on(table, {"A": {SHOP}}, (), at_ms)
        assert len(due(table, at_ms, timedelta(hours=4))) == expected
    assert table[0].since_ms == 1000


def test_what_ended_is_kept_until_its_end_was_told() -> None:
    table = told(tried(went_on((), {"A": {SHOP}}, (), 1), went_on((), {"A": {SHOP}}, (), 1)), (), 1)
    table = went_on(table, {"A": ()}, (), 2)
    assert (table[0].ended_ms, names(due(table, 2))) == (2, ["A"])
    table = went_on(table, {"A": ()}, (), 3)  # its end could not be delivered
    assert table[0].ended_ms == 2
    assert told(table, table, 3) == ()


def test_what_nobody_heard_of_ends_in_silence() -> None:
    assert went_on(went_on((), {"A": {SHOP}}, (), 1), {"A": ()}, (), 2) == ()


def test_what_holds_again_before_its_end_was_told_is_told_as_new_and_ends_later() -> None:
    begun = went_on((), {"A": {SHOP}}, (), 1)
    table = told(tried(begun, begun), begun, 1)
    table = went_on(went_on(table, {}, (), 2), {"A": {SHOP}}, (), 3)
    assert (table[0].since_ms, table[0].told_ms, table[0].ended_ms) == (3, None, None)
    assert names(due(went_on(table, {}, (), 4), 4)) == ["A"]  # somebody heard of it once: its end is told


def test_what_could_not_be_evaluated_neither_begins_nor_ends() -> None:
    table = went_on((), {"A": {SHOP, CART}}, (), 1)
    assert went_on(table, {}, {"A"}, 2) == table


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(["sent", "lost", "crashed before", "crashed after"])), max_size=30
    )
)
def test_a_receiver_is_never_left_with_an_alert_that_ended_nor_without_one_that_holds(
    rounds: list[tuple[bool, str]],
) -> None:
    kept: tuple[Firing, ...] = ()
    heard = False
    for at_ms, (holds, fate) in enumerate([*rounds, (rounds[-1][0] if rounds else False, "sent")]):
        table = went_on(kept, {"A": {SHOP} if holds else ()}, (), at_ms)
        messages = due(table, at_ms)
        if messages:
            kept = tried(table, messages)  # before anything is sent
            if fate in ("sent", "crashed after"):
                heard = messages[0].ended_ms is None
            if fate == "sent":
                kept = told(kept, messages, at_ms)
        elif fate != "crashed before":
            kept = table
    assert heard == (rounds[-1][0] if rounds else False)


def test_a_watch_that_missed_three_rounds_is_none() -> None:
    watched = Watched(at_ms=100_000, interval_ms=15_000)
    assert watched.is_awake(145_000)
    assert not watched.is_awake(145_001)
    assert not Watched().is_awake(0)


def test_a_message_is_one_that_alertmanager_would_send() -> None:
    found = book(EVERY)
    alert = next(one for one in found.alerts if one.name == "AvailabilityBurn1h")
    where = labels_of({"service": "storefront", "environment": "production", "slo": "availability"}.items())
    begun = Firing(alert=alert.name, labels=where, since_ms=1_700_000_000_000)
    ended = Firing(alert=alert.name, labels=where, since_ms=1_700_000_000_000, ended_ms=1_700_000_060_500)
    message = webhook(found, "storefront-page", [(alert, begun)])
    assert (message["version"], message["status"], message["receiver"]) == ("4", "firing", "storefront-page")
    (one,) = message["alerts"]
    assert (
        one["labels"] | {"alertname": alert.name, "severity": "page", "application": "storefront"} == one["labels"]
    )
    assert one["annotations"]["summary"].startswith("storefront in production: availability: 2 %")
    assert "{{" not in str(message)
    assert (one["startsAt"], one["endsAt"]) == ("2023-11-14T22:13:20.000Z", "0001-01-01T00:00:00Z")
    (one,) = webhook(found, "storefront-page", [(alert, ended)])["alerts"]
    assert (one["status"], one["endsAt"]) == ("resolved", "2023-11-14T22:14:20.500Z")
    both = webhook(found, "x", [(alert, begun), (alert, ended)])
    assert both["status"] == "firing"
    assert "starts" not in str(both["commonLabels"])
