"""The page about a service: it says what is so, hides no gap, stands alone, and is seen in a browser."""

import re
import shutil
import struct
import subprocess
import zlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from books import book
from golive.paper.plots import Line, Plot, svg
from golive.slo.panels import rows
from golive.slo.report import Drawn, Mark, Report, Standing, Version, legend, page
from golive.slo.series import Series
from golive.slo.windows import BURNS

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOK = book()
PANELS = [panel for row in rows(BOOK, "storefront", "live") for panel in row.panels if row.title != "Objectives"]
CHROMIUM = shutil.which("chromium")


def wave(panel: str, count: int = 60) -> Series:
    times = [round((AT.timestamp() - 3600 + 60 * n) * 1000) for n in range(count)]
    return Series(labels=(), times_ms=times, values=[(n * len(panel)) % 17 / 17 for n in range(count)])


WELL = Report(
    service="storefront",
    environment="live",
    at=AT,
    since=AT - timedelta(hours=1),
    step=timedelta(minutes=1),
    source="golive's own lookout",
    unit="ms",
    firing=(),
    standings=[Standing(slo=slo, left=0.8, burning=[(burn, 0.5) for burn in BURNS]) for slo in BOOK.slos],
    drawn=[Drawn(panel=panel, lines=[(panel.title, wave(panel.title))]) for panel in PANELS],
    versions=[
        Version(name="abc", weight=90, rate_per_s=12.3456, failed=0.001, p99=41),
        Version(name="def", weight=10, rate_per_s=1, failed=None, p99=float("nan")),
    ],
    marks=[
        Mark(at=AT - timedelta(minutes=30), text="deploy abc", short="abc"),
        Mark(at=AT - timedelta(hours=2), text="too old", short="old"),
    ],
)


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags = Counter[str]()
        self.attributes = set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}


def test_every_panel_objective_and_revision_is_on_it_and_nothing_from_elsewhere() -> None:
    text = page(WELL)
    found = Tags(text)
    assert found.tags["svg"] == len(PANELS)
    assert not found.tags.keys() & {"script", "link", "img", "iframe", "object"}
    assert not found.attributes & {"src", "href", "onload", "onclick", "srcset"}
    assert "default-src 'none'" in text
    for told in ("no alert fires", "within budget", "80 %", "deploy abc", "12.3/s", "41 ms", "0.1 %", "90 %"):
        assert told in text
    assert "nan" not in text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"firing": [("NoTraffic", AT)]}, "1 alert fires</strong>: NoTraffic since 12:00:00 UTC"),
        ({"firing": [("A", None), ("B", None)]}, "2 alerts fire</strong>: A, B"),
        ({"standings": [replace(WELL.standings[0], left=-0.5)]}, "a budget is overspent"),
        ({"standings": [replace(WELL.standings[0], left=None)]}, "an objective has no data"),
        ({"drawn": [Drawn(panel=PANELS[0], lines=[])]}, "No data: Traffic"),
        ({"versions": []}, "No revision was asked anything"),
    ],
)
def test_what_is_wrong_or_not_known_is_said(changed: dict[str, object], told: str) -> None:
    assert told in page(replace(WELL, **changed))  # type: ignore[arg-type]
    assert told not in page(WELL)


def test_names_are_text_and_never_markup() -> None:
    strange = "<script>alert(1)</script>"
    text = page(
        replace(
            WELL,
            service=strange,
            firing=[(strange, AT)],
            marks=[Mark(at=AT, text=strange, short=strange)],
            versions=[replace(WELL.versions[0], name=strange)],
            drawn=[Drawn(panel=replace(PANELS[0], title=strange), lines=[(strange, wave("x"))])],
        )
    )
    assert Tags(text).tags["script"] == 0


def test_a_time_without_data_is_a_gap_and_every_plot_spans_the_same_time() -> None:
    points = [(0.0, 1.0), (10.0, 1.0), (20.0, 1.0), (60.0, 1.0), (70.0, 1.0), (95.0, 2.0)]
    line = Line(name="x", colour="#000", points=points)
    drawn = svg(Plot(title="t", unit="", lines=[line], span=(0.0, 200.0), gap=25.0))
    whole = svg(Plot(title="t", unit="", lines=[line], span=(0.0, 200.0)))
    assert (drawn.count("<polyline"), whole.count("<polyline")) == (2, 1)
    xs = [float(x) for x in re.findall(r"(\d+\.\d),", whole)]
    assert max(xs) < 64 + 680 * 100 / 200  # the axis goes on behind the last point


def test_a_time_in_which_nobody_watched_is_a_gap_on_the_page() -> None:
    whole = wave("x")
    torn = replace(whole, times_ms=[*whole.times_ms[:20], *whole.times_ms[40:]], values=[1.0] * 40)
    drawn = [page(replace(WELL, drawn=[Drawn(panel=PANELS[0], lines=[("x", one)])])) for one in (whole, torn)]
    assert [text.count("<polyline") for text in drawn] == [1, 2]


def test_marks_that_lie_on_each_other_are_told_by_pointing_only() -> None:
    line = Line(name="x", colour="#000", points=[(0.0, 1.0), (100.0, 1.0)])
    drawn = svg(
        Plot(title="t", unit="", lines=[line], marks=[(50.0, "deploy a"), (50.5, "deploy b"), (300.0, "late")])
    )
    assert drawn.count(">deploy a<") == 2
    assert drawn.count(">deploy b<") == 1
    assert "late" not in drawn


def test_a_legend_takes_the_labels_of_its_series() -> None:
    assert legend("{{le}} of {{name}}", (("le", "0.5"), ("name", "a"))) == "0.5 of a"


def pixels(png: bytes) -> Counter[tuple[int, int, int]]:
    """How often each colour stands in a picture (https://www.w3.org/TR/png/: 8 bits, RGB or RGBA)."""
    width, height, _, kind = struct.unpack(">IIBB", png[16:26])
    size = {2: 3, 6: 4}[kind]
    data, at = b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += 12 + length
    raw, stride, before = zlib.decompress(data), width * size, bytearray(width * size)
    found = Counter[tuple[int, int, int]]()
    for row in range(height):
        begin = row * (stride + 1)
        kind, line = raw[begin], bytearray(raw[begin + 1 : begin + 1 + stride])
        for n in range(stride):
            left, up = line[n - size] if n >= size else 0, before[n]
            corner = before[n - size] if n >= size else 0
            line[n] = (line[n] + (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]) & 255
        found.update((line[n], line[n + 1], line[n + 2]) for n in range(0, stride, size))
        before = line
    return found


def near(found: Counter[tuple[int, int, int]], colour: tuple[int, int, int]) -> int:
    """Thin lines are drawn in between their colour and the paper's."""
    return sum(
        count for one, count in found.items() if max(abs(a - b) for a, b in zip(one, colour, strict=True)) < 60
    )


def paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


@pytest.mark.skipif(not CHROMIUM, reason="no chromium")
@pytest.mark.parametrize(("scheme", "paper"), [("light", (255, 255, 255)), ("dark", (22, 22, 22))])
def test_a_browser_shows_lines_bars_and_state_in_light_and_in_dark(
    tmp_path: Path, scheme: str, paper: tuple[int, int, int]
) -> None:
    (tmp_path / "page.html").write_text(page(WELL))
    picture = tmp_path / "page.png"
    dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    subprocess.run(
        [*command, *dark, f"--screenshot={picture}", "--window-size=500,1100", f"file://{tmp_path}/page.html"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    found = pixels(picture.read_bytes())
    assert found.most_common(1)[0][0] == paper
    assert near(found, (0, 114, 178)) > 300  # the first line of a plot
    assert near(found, (0, 158, 115)) > 500  # budgets, and the state
    assert near(found, (213, 94, 0)) < 20  # nothing is wrong
