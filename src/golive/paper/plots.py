"""Plots as SVG: lines over time, a percentile curve, a knee. Every name is escaped.

A point that is no number is left out, a long series is thinned to the extremes of each stretch, and every plot has
a title that tells a screen reader what it shows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 220
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 30, 30
MOST_POINTS = 600
BLUE, ORANGE, GREEN, PURPLE, GREY = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#8a8a8a",
)  # safe for the colour-blind
ROOM = 60.0  # between two ticks
LOG_SPAN = 20  # a range wider than so many times is drawn in logarithms

Point = tuple[float, float | None]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A named series of points."""

    name: str
    colour: str
    points: Sequence[Point]
    dashed: bool = False
    dots: bool = False


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One diagram. `ticks` are places on the x axis with what stands there; without them seconds are counted."""

    title: str
    unit: str
    lines: Sequence[Line]
    ticks: Sequence[tuple[float, str]] = ()
    level: tuple[float, str] | None = None  # a horizontal line, such as an objective
    marks: Sequence[tuple[float, str]] = ()  # vertical ones, such as releases
    logarithmic: bool | None = None  # None: where the range is wide
    span: tuple[float, float] | None = None  # of the x axis; None: that of the points
    gap: float | None = None  # a line is broken where points lie further apart


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float
    logarithmic: bool

    def share(self, value: float) -> float:
        """Where the value lies between both ends, 0 to 1."""
        if self.logarithmic:
            value = max(value, self.low)
            return (log10(value) - log10(self.low)) / ((log10(self.high) - log10(self.low)) or 1.0)
        return (value - self.low) / ((self.high - self.low) or 1.0)


def svg(plot: Plot) -> str:
    """The plot; "" when it has nothing to show."""
    lines = [line for line in plot.lines if any(_known(y) for _, y in line.points)]
    if not lines:
        return ""
    across = _Axis(*plot.span, logarithmic=False) if plot.span else _across(lines)
    up = _up(plot, lines)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    inside = [f"<title>{escape(plot.title)}</title>", _text(LEFT, 16, plot.title, bold=True)]
    inside += _grid(plot, up)
    inside += _below(plot, across)
    inside += _lines(plot, lines, across, up)
    inside += _marks(plot, across, up)
    inside += _legend(lines)
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>\n' + "\n".join(inside) + "\n</svg>"


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most so many points: of each stretch the lowest and the highest, in their order."""
    known = [(x, y) for x, y in points if _known(y)]
    if len(known) <= most:
        return list(known)
    size = -(-len(known) * 2 // most)
    found: list[Point] = []
    for begin in range(0, len(known), size):
        stretch = known[begin : begin + size]
        ends = {min(stretch, key=_height), max(stretch, key=_height)}
        found += sorted(ends, key=lambda point: point[0])
    return found


def _height(point: Point) -> float:
    return point[1] or 0.0


def _known(value: float | None) -> bool:
    return value is not None and isfinite(value)


def _across(lines: Sequence[Line]) -> _Axis:
    xs = [x for line in lines for x, _ in line.points]
    return _Axis(min(xs), max(xs) if max(xs) > min(xs) else min(xs) + 1, logarithmic=False)


def _up(plot: Plot, lines: Sequence[Line]) -> _Axis:
    values = [y for line in lines for _, y in line.points if y is not None and isfinite(y)]
    values += [plot.level[0]] if plot.level else []
    positive = [value for value in values if value > 0]
    wide = bool(positive) and max(positive) > LOG_SPAN * min(positive)
    if (plot.logarithmic if plot.logarithmic is not None else wide) and positive:
        low = 10 ** floor(log10(min(positive)))
        return _Axis(low, max(max(positive) * 1.1, low * 10), logarithmic=True)
    return _Axis(0.0, max(values) * 1.1 or 1.0, logarithmic=False)


def _grid(plot: Plot, up: _Axis) -> Iterator[str]:
    for value in _steps(up):
        y = _y(up, value)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
        yield _text(LEFT - 6, y + 4, f"{value:g}", end=True)
    yield _text(8, 16, plot.unit, faint=True)


def _steps(axis: _Axis) -> list[float]:
    if axis.logarithmic:
        first, last = floor(log10(axis.low)), floor(log10(axis.high))
        return [10.0**power for power in range(first, last + 1)]
    rough = axis.high / 4
    unit = 10 ** floor(log10(rough))
    step = next((unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough), unit * 10)
    return [step * n for n in range(int(axis.high / step) + 1)]


def _below(plot: Plot, across: _Axis) -> Iterator[str]:
    y = HEIGHT - BOTTOM + 16
    if plot.ticks:
        last = -ROOM
        for place, name in plot.ticks:
            x = _x(across, place)
            if across.low <= place <= across.high and x - last >= ROOM:
                last = x
                yield _text(x, y, name, middle=True)
        return
    for value in _steps(_Axis(0, across.high, logarithmic=False)):
        if across.low <= value <= across.high:
            yield _text(_x(across, value), y, f"{value:g} s", middle=True)


def _lines(plot: Plot, lines: Sequence[Line], across: _Axis, up: _Axis) -> Iterator[str]:
    for line in lines:
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        for piece in _pieces(thinned(line.points), plot.gap):
            points = [(_x(across, x), _y(up, y)) for x, y in piece if y is not None]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            if len(points) > 1:
                yield f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="1.6"{dash}/>'
            if line.dots or len(points) == 1:
                radius = 3.5 if line.dots or plot.gap is None else 1.2
                for x, y in points:
                    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{line.colour}"/>'


def _pieces(points: Sequence[Point], gap: float | None) -> Iterator[Sequence[Point]]:
    begin = 0
    for n in range(1, len(points)):
        if gap is not None and points[n][0] - points[n - 1][0] > gap:
            yield points[begin:n]
            begin = n
    yield points[begin:]


def _marks(plot: Plot, across: _Axis, up: _Axis) -> Iterator[str]:
    if plot.level:
        y = _y(up, plot.level[0])
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="level"/>'
        yield _text(WIDTH - RIGHT, y - 4, plot.level[1], end=True)
    free = -ROOM
    for place, name in sorted(plot.marks):
        if not across.low <= place <= across.high:
            continue
        x = _x(across, place)
        line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" class="level">'
        yield f"{line}<title>{escape(name)}</title></line>"
        if x >= free:  # names that would lie on each other are told by pointing only
            free = x + 7 * len(name)
            yield _text(x, TOP - 2, name, middle=True)


def _legend(lines: Sequence[Line]) -> Iterator[str]:
    x = WIDTH - RIGHT
    for line in reversed(lines):
        x -= 7 * len(line.name) + 10
        yield f'<text x="{x}" y="16" fill="{line.colour}" font-weight="bold">{escape(line.name)}</text>'


def _x(across: _Axis, value: float) -> float:
    return LEFT + across.share(value) * (WIDTH - LEFT - RIGHT)


def _y(up: _Axis, value: float) -> float:
    return HEIGHT - BOTTOM - min(1.0, max(0.0, up.share(value))) * (HEIGHT - TOP - BOTTOM)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    end: bool = False,
    middle: bool = False,
    bold: bool = False,
    faint: bool = False,
) -> str:
    anchor = ' text-anchor="end"' if end else ' text-anchor="middle"' if middle else ""
    weight = ' font-weight="bold"' if bold else ""
    kind = ' class="faint"' if faint else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{anchor}{weight}{kind}>{escape(text)}</text>'
