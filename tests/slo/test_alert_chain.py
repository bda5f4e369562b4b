"""Of all that is wrong on the way of an alert, the first hop is named, and nothing missing counts as seen."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from golive.slo.chain import HOPS, Loaded, Routed, Seen, told

SECOND = timedelta(seconds=1)
ROUTED = Routed(alert="A", service="shop-drill-1-0", receivers=("shop-page",))
WELL = Seen(
    alert="A",
    receiver="shop-page",
    expected="a > 1",
    loaded=Loaded(query="(a  > 1)"),
    fired=SECOND,
    switchboards=1,
    routed=ROUTED,
    routed_after=SECOND,
    arrived=2 * SECOND,
    resolved=3 * SECOND,
)
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("rule", {"loaded": None}),
    ("rule", {"loaded": Loaded(query="a > 1", error="many-to-many")}),
    ("rule", {"loaded": Loaded(query="a > 10")}),
    ("rule", {"fired": None}),
    ("control", {"control_fired": True}),
    ("notification", {"routed": None, "arrived": None}),
    ("notification", {"routed": None, "arrived": None, "switchboards": 0}),
    ("notification", {"routed": None, "arrived": None, "dropped": 3}),
    ("route", {"arrived": None, "routed": replace(ROUTED, silenced_by=("1",))}),
    ("route", {"arrived": None, "routed": replace(ROUTED, inhibited_by=("1",))}),
    ("route", {"arrived": None, "routed": replace(ROUTED, receivers=("nobody",))}),
    ("receiver", {"arrived": None}),
    ("receiver", {"arrived": None, "undelivered": {"webhook": 2}}),
    ("receiver", {"receiver": "", "arrived": None}),
    ("receiver", {"arrived": None, "deaf": "http://127.0.0.1:9: refused"}),
    ("recovery", {"resolved": None}),
]


def test_an_alert_that_came_and_ended_is_well() -> None:
    assert told(WELL).broken is None
    assert told(WELL).because == "arrived after 2.0 s, ended 3.0 s after"


def test_an_end_that_takes_longer_than_a_drill_is_told_as_not_tried() -> None:
    assert told(replace(WELL, resolved=None, recovers=False)).because.endswith("that it ends was not tried")


@pytest.mark.parametrize(("hop", "change"), BROKEN, ids=[f"{n}: {one[0]}" for n, one in enumerate(BROKEN)])
def test_the_hop_that_broke_is_named(hop: str, change: dict[str, Any]) -> None:
    assert told(replace(WELL, **change)).broken == hop


def test_of_two_that_broke_the_first_on_the_way_is_named() -> None:
    for number, (hop, change) in enumerate(BROKEN):
        for later, other in BROKEN[number + 1 :]:
            if HOPS.index(hop) < HOPS.index(later) and not change.keys() & other.keys():  # type: ignore[arg-type]
                assert told(replace(WELL, **change, **other)).broken == hop


def test_what_was_never_seen_is_no_proof() -> None:
    assert told(Seen(alert="A", receiver="shop-page", expected="a > 1")).broken == "rule"
