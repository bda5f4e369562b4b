"""The story of a watch as an SVG picture: weight, evidence, error rate and p99 over time. Pure.

Evidence of each metric is divided by its boundary, so that one line at 1 decides for all of them. Every name is
escaped; a point that is no number is left out; long watches are thinned to the extremes of each stretch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from xml.sax.saxutils import escape

from golive.judge.story import Curve, Served, Story

WIDTH, LEFT, RIGHT = 960, 64, 150
PANEL, GAP, TOP = 120, 34, 92
MOST_POINTS = 500  # per line, of which each stretch gives its lowest and its highest
COLOURS = {"errors": "#D55E00", "p50": "#56B4E9", "p90": "#009E73", "p99": "#0072B2"}
NEW, OLD, INK, PALE, PAPER = "#D55E00", "#7f7f7f", "#222222", "#d9d9d9", "#ffffff"
CLIPPED = 1.3  # times the boundary
LETTERS = 118  # on a line of the conclusion
LINES = 3
LABEL = 13  # height of one

Points = Sequence[tuple[float, float | None]]  # seconds since the first tick, value


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One diagram: lines by name, what its top means, and a level that decides."""

    title: str
    lines: Sequence[tuple[str, str, float, Points]]  # name, colour, width, points
    top: float
    unit: str
    level: tuple[float, str] | None = None
    steps: bool = False


def svg(story: Story) -> str:
    """The whole picture; of a story without ticks one that says so."""
    panels = list(_panels(story)) if story.at else []
    height = TOP + len(panels) * (PANEL + GAP) + 30
    inside = [*_head(story, height), *_marks(story, height)]
    for number, panel in enumerate(panels):
        inside += _drawn(panel, story, TOP + 18 + number * (PANEL + GAP))
    if panels:
        inside += _clock(story, height - 30)
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'role="img" font-family="system-ui, sans-serif" font-size="12" fill="{INK}">\n'
        + "\n".join(inside)
        + "\n</svg>\n"
    )


def _head(story: Story, height: int) -> Iterator[str]:
    name = f"{_short(story.old) or 'nothing'} → {_short(story.new)}"
    yield f"<title>{_safe('Rollout ' + story.rollout)}</title>"
    yield f"<desc>{_safe(story.conclusion)}</desc>"
    yield f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
    yield _text(LEFT, 24, f"{name}", size=17, weight="bold")
    yield _text(WIDTH - 16, 24, f"rollout {story.rollout[:40]}", anchor="end", fill=OLD)
    told = story.conclusion if story.at else "nothing was measured"
    for number, line in enumerate(_wrapped(told)):
        yield _text(LEFT, 46 + 16 * number, line)


def _panels(story: Story) -> Iterator[Panel]:
    start = story.at[0]
    times = [(at - start).total_seconds() for at in story.at]
    end = times[-1]
    weight = [(max((e.at - start).total_seconds(), 0.0), float(e.weight)) for e in story.weights]
    weight += [(end, weight[-1][1])] if weight else []
    yield Panel(title="weight of the new revision", lines=[("", NEW, 2, weight)], top=100, unit=" %", steps=True)
    for title, level, chosen in (
        ("evidence that it is worse", "roll back", _harm),
        ("evidence that it is not worse", "proven", _proof),
    ):
        lines = [
            (curve.metric, COLOURS.get(curve.metric, INK), 1.6, list(zip(times, chosen(curve), strict=False)))
            for curve in story.curves
            if any(value is not None for value in chosen(curve))
        ]
        yield Panel(title=title, lines=lines, top=CLIPPED, unit="", level=(1.0, level))
    yield _of_both("error rate", story, times, _error_rates, " %")
    if any(served.p99_ms is not None for served in (*story.new_served, *story.old_served)):
        yield _of_both("p99", story, times, lambda served, _: [s.p99_ms for s in served], " ms")


def _of_both(
    title: str,
    story: Story,
    times: Sequence[float],
    values: Callable[[Sequence[Served], int], Sequence[float | None]],
    unit: str,
) -> Panel:
    stretch = max(1, len(times) // 60)
    lines: list[tuple[str, str, float, Points]] = [
        (name, colour, width, list(zip(times, values(served, stretch), strict=False)))
        for name, colour, width, served in (
            ("old", OLD, 1.2, story.old_served),
            ("new", NEW, 2.0, story.new_served),
        )
    ]
    known = [value for *_, points in lines for _, value in points if value is not None and isfinite(value)]
    return Panel(title=title, lines=lines, top=max(known, default=0.0) * 1.1 or 1.0, unit=unit)


def _error_rates(served: Sequence[Served], stretch: int) -> list[float | None]:
    """Percent, over the ticks just before each, so that one error is no spike."""
    found: list[float | None] = []
    for place in range(len(served)):
        near = served[max(0, place - stretch + 1) : place + 1]
        requests = sum(one.requests for one in near)
        found.append(100 * sum(one.errors for one in near) / requests if requests else None)
    return found


def _harm(curve: Curve) -> list[float | None]:
    return [_level(value, curve.harm_boundary) for value in curve.harm]


def _proof(curve: Curve) -> list[float | None]:
    return [_level(value, curve.proof_boundary) for value in curve.proof]


def _level(value: float, boundary: float) -> float | None:
    if value != value or not boundary > 0:
        return None
    return min(max(value / boundary, 0.0), CLIPPED)


def _drawn(panel: Panel, story: Story, y: int) -> Iterator[str]:
    bottom, right = y + PANEL, WIDTH - RIGHT
    place = _scale(story)

    def height(value: float) -> float:
        return bottom - PANEL * min(max(value / panel.top, 0.0), 1.0)

    yield _text(LEFT, y - 6, panel.title, fill="#555555")
    yield f'<path d="M{LEFT} {y}V{bottom}H{right}" fill="none" stroke="{PALE}"/>'
    if panel.level:
        level = height(panel.level[0])
        yield f'<path d="M{LEFT} {level:.1f}H{right}" stroke="{INK}" stroke-dasharray="5 4"/>'
        yield _text(LEFT - 6, level + 4, panel.level[1], anchor="end", size=11)
    else:
        yield _text(LEFT - 6, y + 10, f"{panel.top:.3g}{panel.unit}", anchor="end", size=11)
        yield _text(LEFT - 6, bottom, "0", anchor="end", size=11)
    ends = []
    for name, colour, width, points in panel.lines:
        path, last = _path(_thinned(points), place, height, steps=panel.steps)
        yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'
        if last is not None:
            ends.append((height(last), name or f"{last:g}{panel.unit}", colour))
        yield from _crossing(panel, story, points, place, height, colour)
    for level, name, colour in _apart(ends, bottom):
        yield _text(right + 6, level + 4, name, fill=colour, weight="bold")


def _crossing(
    panel: Panel,
    story: Story,
    points: Points,
    place: Callable[[float], float],
    height: Callable[[float], float],
    colour: str,
) -> Iterator[str]:
    """A dot where a line first reaches the level that decides, and when."""
    if panel.level is None:
        return
    first = next((point for point in points if (point[1] or 0.0) >= panel.level[0]), None)
    if first is not None:
        when = story.at[0] + timedelta(seconds=first[0])
        at = f'cx="{place(first[0]):.1f}" cy="{height(first[1] or 0.0):.1f}"'
        yield f'<circle {at} r="4" fill="{colour}"><title>{when:%H:%M:%S} UTC</title></circle>'


def _path(
    points: Points, place: Callable[[float], float], height: Callable[[float], float], *, steps: bool
) -> tuple[str, float | None]:
    """The path, broken where a value is missing, and the last value."""
    parts, last, pen = [], None, False
    for at, value in points:
        if value is None or not isfinite(value):
            pen = False
            continue
        x, y = f"{place(at):.1f}", f"{height(value):.1f}"
        parts.append((f"H{x}V{y}" if steps else f"L{x} {y}") if pen else f"M{x} {y}")
        pen, last = True, value
    return "".join(parts) or "M0 0", last


def _thinned(points: Points) -> Points:
    """Of each stretch its lowest and its highest point, in order; few points stay as they are."""
    if len(points) <= MOST_POINTS:
        return points
    stretch = -(-2 * len(points) // MOST_POINTS)
    kept: list[tuple[float, float | None]] = []
    for begin in range(0, len(points), stretch):
        part = [point for point in points[begin : begin + stretch] if point[1] is not None]
        if not part:
            kept.append(points[begin])
            continue
        kept += sorted({min(part, key=_value), max(part, key=_value)})
    return [*kept, points[-1]]


def _value(point: tuple[float, float | None]) -> float:
    return point[1] or 0.0


def _scale(story: Story) -> Callable[[float], float]:
    length = max((story.at[-1] - story.at[0]).total_seconds(), 1.0)
    return lambda at: LEFT + (WIDTH - RIGHT - LEFT) * min(max(at / length, 0.0), 1.0)


def _marks(story: Story, height: int) -> Iterator[str]:
    if not story.at:
        return
    place, taken = _scale(story), [0.0, 0.0]
    for at, told in sorted(story.marks, key=lambda mark: mark[0]):
        x = place((at - story.at[0]).total_seconds())
        dashes = f'stroke="{INK}" stroke-opacity="0.35" stroke-dasharray="2 3"'
        yield f'<path d="M{x:.1f} {TOP + 8}V{height - 34}" {dashes}/>'
        label = told[:28]
        half = 3.5 * len(label)
        row = next((row for row, end in enumerate(taken) if x - half > end), None)
        if row is not None:
            yield _text(x, TOP + 4 - LABEL * row, label, anchor="middle", size=11)
            taken[row] = x + half


def _clock(story: Story, y: int) -> Iterator[str]:
    place, length = _scale(story), (story.at[-1] - story.at[0]).total_seconds()
    for part in range(5):
        at = story.at[0] + (story.at[-1] - story.at[0]) * (part / 4)
        anchor = ("start", "middle", "middle", "middle", "end")[part]
        yield _text(place(length * part / 4), y + 8, _when(at), anchor=anchor, size=11)


def _when(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def _apart(ends: list[tuple[float, str, str]], bottom: float) -> Iterator[tuple[float, str, str]]:
    """Labels pushed up from the bottom until none covers another."""
    below = bottom + LABEL
    for level, name, colour in sorted(ends, reverse=True):
        below = min(level, below - LABEL)
        yield below, name, colour


def _wrapped(text: str) -> list[str]:
    lines, line = [], ""
    for word in _printable(text).split():
        if line and len(line) + len(word) + 1 > LETTERS:
            lines.append(line)
            line = ""
        line = f"{line} {word[:LETTERS]}".strip()
    lines.append(line)
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], lines[LINES - 1][: LETTERS - 2] + " …"]


def _short(name: str) -> str:
    return name[:24]


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 12,
    fill: str = INK,
    weight: str = "normal",
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
    return f'<text {place} fill="{fill}">{_safe(text)}</text>'


def _safe(text: str) -> str:
    return escape(_printable(text))


def _printable(text: str) -> str:
    """Without what XML forbids, and without marks that turn text round."""
    return "".join(c if c.isprintable() else " " for c in text)
