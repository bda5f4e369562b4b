"""The picture of a watch: any story becomes a small, whole and harmless SVG."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from golive.judge.picture import LEFT, MOST_POINTS, RIGHT, WIDTH, svg
from golive.judge.samples import Event
from golive.judge.story import Curve, Served, Story

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
SHARP = re.compile(r"[ML]([\d.]+) ([\d.]+)")


def story(ticks: int = 11, harm: tuple[float, ...] | None = None, **changed: object) -> Story:
    """Errors whose evidence of harm grows by 0.5 a tick towards a boundary of 2.5."""
    found = harm if harm is not None else tuple(0.5 * n for n in range(ticks))
    told = Story(
        rollout="r-1",
        new="new1",
        old="old1",
        at=tuple(NOON + timedelta(seconds=10 * n) for n in range(ticks)),
        curves=(
            Curve(metric="errors", harm=found, proof=(0.0,) * ticks, harm_boundary=2.5, proof_boundary=1.3),
            Curve(metric="p99", harm=(0.0,) * ticks, proof=(0.1,) * ticks, harm_boundary=2.5, proof_boundary=1.3),
        ),
        new_served=tuple(Served(requests=100, errors=n, p99_ms=200.0 if n % 3 else None) for n in range(ticks)),
        old_served=(Served(requests=900, errors=1, p99_ms=180.0),) * ticks,
        weights=(Event(at=NOON - timedelta(seconds=10), weight=10),),
        marks=((NOON + timedelta(seconds=50), "fail at 10 %"),),
        conclusion="errors: 10 of 100",
    )
    return replace(told, **changed)  # type: ignore[arg-type]


def drawn(told: Story) -> ElementTree.Element:
    return ElementTree.fromstring(svg(told))


def texts(told: Story) -> list[str]:
    return ["".join(element.itertext()) for element in drawn(told).iter(f"{SVG}text")]


def test_it_says_what_is_shown_and_why_it_ended() -> None:
    found = texts(story())
    for said in ("old1 → new1", "errors: 10 of 100", "roll back", "proven", "errors", "fail at 10 %", "12:00:00"):
        assert said in found
    root = drawn(story())
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Rollout r-1"


def test_the_dot_stands_where_the_boundary_was_reached() -> None:
    (dot,) = drawn(story()).iter(f"{SVG}circle")
    assert float(dot.get("cx", "")) == pytest.approx(LEFT + (WIDTH - RIGHT - LEFT) / 2, abs=0.1)
    assert dot.findtext(f"{SVG}title") == "12:00:50 UTC"


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "\x00\x1b[2J", '"><g onload="x"', "\u202eevil", "x" * 5000]
)
def test_a_hostile_name_is_text_and_nothing_else(hostile: str) -> None:
    told = story(rollout=hostile, new=hostile, old=hostile, conclusion=hostile, marks=((NOON, hostile),))
    root = drawn(told)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "rect", "text", "path", "circle",
    }  # fmt: skip
    assert not any(name.startswith("on") for element in root.iter() for name in list(element.keys()))
    assert "\x1b" not in svg(told)
    assert len(svg(told)) < 60_000


def test_a_story_without_ticks_says_that_nothing_was_measured() -> None:
    told = story(0, at=(), curves=(), new_served=(), old_served=(), weights=())
    assert "nothing was measured" in texts(told)


def test_one_tick_is_enough() -> None:
    assert "new1" in svg(story(1))


def test_what_is_no_number_is_left_out_or_clipped() -> None:
    inf, nan = float("inf"), float("nan")
    found = svg(story(5, harm=(0.0, nan, inf, -inf, 1.0)))
    assert "nan" not in found
    assert "inf" not in found


def test_a_day_is_thinned_and_keeps_its_extremes() -> None:
    ticks = 8_640
    harm = tuple(2.0 if n == 4_321 else 0.1 for n in range(ticks))
    found = svg(story(ticks, harm=harm))
    assert len(found) < 300_000
    (line,) = [
        element.get("d", "")
        for element in ElementTree.fromstring(found).iter(f"{SVG}path")
        if element.get("stroke") == "#D55E00" and element.get("stroke-width") == "1.6"
    ][:1]
    points = SHARP.findall(line)
    assert len(points) <= MOST_POINTS + 2
    assert min(float(y) for _, y in points) < max(float(y) for _, y in points) - 50


def test_the_same_story_gives_the_same_bytes() -> None:
    assert svg(story()) == svg(story())
