"""What is watched of what is promised: each kind of hole is found, and only what is there counts."""

from dataclasses import replace

import pytest

from books import EVERY, book
from golive.slo.coverage import Found, Page, Point, addresses, control, coverage, page, percent, shares, verdict
from golive.slo.panels import rows
from golive.slo.promql import text

BOOK = book(EVERY.replace("receivers: {page:", "receivers: {ticket: {webhook: 'http://127.0.0.1:9/'}, page:"))
WHOLE = Found(
    data={slo.name: "" for slo in BOOK.slos},
    queries=[
        text(curve.of) for row in rows(BOOK, "$service", "$environment") for p in row.panels for curve in p.curves
    ],
    pages={"runbook.md": page("".join(f"## {alert.name}\n" for alert in BOOK.alerts))},
    rehearsed={alert.name: "" for alert in BOOK.alerts},
    arrived={alert.name: "" for alert in BOOK.alerts},
)


def holes(found: Found) -> set[tuple[str, str]]:
    return {(one.name, one.aspect) for one in coverage(BOOK, found) if one.hole}


def test_what_is_all_there_has_no_hole() -> None:
    points = coverage(BOOK, WHOLE)
    assert holes(WHOLE) == set()
    assert percent(points) == "100 %"
    assert len(points) == 4 * (len(BOOK.slos) + len(BOOK.alerts))
    assert {one.all for one in shares(points)} == {len(BOOK.slos), len(BOOK.alerts)}


def test_each_thing_that_is_missing_is_one_hole_with_its_name() -> None:
    without = {name: why for name, why in WHOLE.arrived.items() if name != "NoTraffic"}
    assert holes(replace(WHOLE, arrived=without)) == {("NoTraffic", "arrived")}
    assert holes(replace(WHOLE, rehearsed={**WHOLE.rehearsed, "CartBurn6h": "not so"})) == {
        ("CartBurn6h", "rehearsed")
    }
    assert holes(replace(WHOLE, data={**WHOLE.data, "paid": "no data"})) == {("paid", "data")}
    undrawn = [query for query in WHOLE.queries if 'slo="fresh"' not in query]
    assert holes(replace(WHOLE, queries=undrawn)) == {("fresh", "panel")}
    assert percent(coverage(BOOK, replace(WHOLE, queries=undrawn))) == "99 %"


def test_a_page_that_lacks_an_entry_leaves_a_hole_in_the_alert_and_in_its_objective() -> None:
    lacking = page("".join(f"## {alert.name}\n" for alert in BOOK.alerts if alert.name != "PaidBurn1h"))
    found = replace(WHOLE, pages={"runbook.md": lacking})
    assert holes(found) == {("paid", "runbook"), ("PaidBurn1h", "runbook")}
    (hole,) = {one.hole for one in coverage(BOOK, found) if one.hole}
    assert hole == "runbook.md has no place #paidburn1h"
    away = coverage(BOOK, replace(WHOLE, pages={"runbook.md": Page(unread="no such file")}))
    assert {one.hole for one in away if one.aspect == "runbook"} == {"runbook.md: no such file"}


def test_with_nothing_found_nothing_counts_but_what_the_file_itself_says() -> None:
    nothing = Found(data={}, queries=(), pages={}, rehearsed={}, arrived={})
    assert {one.aspect for one in coverage(BOOK, nothing) if not one.hole} == {"alert", "receiver"}


def test_an_objective_that_no_alert_watches_is_a_hole() -> None:
    without = replace(BOOK, alerts=tuple(alert for alert in BOOK.alerts if alert.labels.get("slo") != "paid"))
    found = {(one.name, one.aspect): one.hole for one in coverage(without, WHOLE)}
    assert "no alert watches it" in found["paid", "alert"]
    assert found["paid", "runbook"]
    assert not found["fresh", "alert"]


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("# NoTraffic\n", "notraffic"),
        ("### When *nothing* comes? #\n", "when-nothing-comes"),
        ("a b\n## C d-e_f\n", "c-d-e_f"),
        ('<h2 class="x" id="no-traffic">No</h2>', "no-traffic"),
        ("<a name=there></a>", "there"),
    ],
)
def test_places_of_a_page_are_named_as_github_and_browsers_name_them(text: str, anchor: str) -> None:
    assert anchor in page(text).anchors


def test_a_heading_in_a_piece_of_code_is_none() -> None:
    assert page("```sh\n# NoTraffic\n```\n").anchors == frozenset()


def test_a_share_is_never_rounded_up_to_all() -> None:
    there = Point(of="alert", name="a", aspect="runbook", hole="")
    assert percent([there] * 299 + [replace(there, hole="gone")]) == "99 %"
    assert percent([]) == "0 %"


def test_without_receivers_every_alert_has_a_hole() -> None:
    unheard = replace(BOOK, observe=replace(BOOK.observe, receivers={}))
    found = [one for one in coverage(unheard, WHOLE) if one.hole]
    assert [one.aspect for one in found] == ["receiver"] * len(BOOK.alerts)


def test_one_hole_refutes_and_nothing_promised_proves_nothing() -> None:
    assert verdict(coverage(BOOK, WHOLE))[0] == "proven"
    answer, because = verdict(coverage(BOOK, replace(WHOLE, data={**WHOLE.data, "paid": "no data"})))
    assert (answer, because.partition(", first ")[2]) == ("refuted", "paid: data: no data")
    assert verdict(())[0] == "refuted"
    assert control(BOOK) == "red"
    assert control(replace(BOOK, slos=(), alerts=())) == "green"


def test_pages_are_named_once() -> None:
    assert addresses(BOOK) == {"runbook.md"}
