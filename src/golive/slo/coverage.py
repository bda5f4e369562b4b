"""What is watched of what is promised: for every objective and every alert, what there is, and what is missing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from golive.slo.alerts import Alert
from golive.slo.rulebook import RuleBook

Of = Literal["objective", "alert"]
Aspect = Literal["data", "alert", "panel", "runbook", "receiver", "rehearsed", "arrived"]
ASPECTS: Mapping[Of, tuple[Aspect, ...]] = {
    "objective": ("data", "alert", "panel", "runbook"),
    "alert": ("receiver", "rehearsed", "arrived", "runbook"),
}
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
NAMED = re.compile(r"""<[^>]*\b(?:id|name)\s*=\s*["']?([^"'\s>]+)""")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Point:
    """One thing that ought to be there; `hole` is "" where it is."""

    of: Of
    name: str
    aspect: Aspect
    hole: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found, each by name; a text says why not, "" that it is there. What is not named is missing."""

    data: Mapping[str, str]  # of SLOs
    queries: Sequence[str]  # of the dashboard
    pages: Mapping[str, "Page"]  # of runbooks, by their address
    rehearsed: Mapping[str, str]  # of alerts
    arrived: Mapping[str, str]  # of alerts


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a runbook: its places, or why it could not be read."""

    anchors: frozenset[str] = frozenset()
    unread: str = ""


def page(text: str) -> Page:
    """The places of a page, Markdown as GitHub numbers them, or HTML."""
    headings = (_slug(heading) for heading in HEADING.findall(FENCE.sub("", text)))
    return Page(anchors=frozenset({*headings, *NAMED.findall(text)}))


def _slug(heading: str) -> str:
    """https://docs.github.com/en/get-started/writing-on-github: in small letters, without punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def addresses(book: RuleBook) -> frozenset[str]:
    """Every page that an alert names, without its anchor."""
    return frozenset(alert.runbook.partition("#")[0] for alert in book.alerts)


def coverage(book: RuleBook, found: Found) -> tuple[Point, ...]:
    """Every point, objectives first, in the order of the file."""
    return (*_objectives(book, found), *_alerts(book, found))


def _objectives(book: RuleBook, found: Found) -> Iterator[Point]:
    for slo in book.slos:
        own = [alert for alert in book.alerts if alert.source == slo]
        drawn = any(f'slo="{slo.name}"' in query for query in found.queries)
        written = [_entry(alert, found) for alert in own]
        holes: dict[Aspect, str] = {
            "data": found.data.get(slo.name, "nobody looked for its data"),
            "alert": "" if own else "no alert watches it: none of its burn rates can be reached",
            "panel": "" if drawn else "no panel of the dashboard shows it",
            "runbook": next(filter(None, written), "") if written else "no alert names a page of it",
        }
        yield from _points("objective", slo.name, holes)


def _alerts(book: RuleBook, found: Found) -> Iterator[Point]:
    for alert in book.alerts:
        known = alert.severity in book.observe.receivers
        holes: dict[Aspect, str] = {
            "receiver": "" if known else f"golive.yaml names no receiver for a {alert.severity}",
            "rehearsed": found.rehearsed.get(alert.name, "it was not rehearsed"),
            "arrived": found.arrived.get(alert.name, "no drill has seen it arrive"),
            "runbook": _entry(alert, found),
        }
        yield from _points("alert", alert.name, holes)


def _points(of: Of, name: str, holes: Mapping[Aspect, str]) -> Iterator[Point]:
    for aspect in ASPECTS[of]:
        yield Point(of=of, name=name, aspect=aspect, hole=holes[aspect])


def _entry(alert: Alert, found: Found) -> str:
    address, _, anchor = alert.runbook.partition("#")
    looked_at = found.pages.get(address, Page(unread="nobody looked"))
    if looked_at.unread:
        return f"{address}: {looked_at.unread}"
    return "" if anchor in looked_at.anchors or not anchor else f"{address} has no place #{anchor}"


@dataclass(frozen=True, kw_only=True)
class Share:
    """How much of one aspect is there."""

    of: Of
    aspect: Aspect
    there: int
    all: int


def shares(points: Iterable[Point]) -> tuple[Share, ...]:
    """For each aspect in order."""
    found = tuple(points)
    return tuple(
        Share(of=of, aspect=aspect, there=sum(not one.hole for one in same), all=len(same))
        for of, aspects in ASPECTS.items()
        for aspect in aspects
        if (same := [one for one in found if (one.of, one.aspect) == (of, aspect)])
    )


def percent(points: Sequence[Point]) -> str:
    """Of all points; never 100 % while one is missing."""
    there = sum(not one.hole for one in points)
    return f"{100 * there // len(points)} %" if points else "0 %"


def verdict(points: Sequence[Point]) -> tuple[str, str]:
    """The answer and why. Nothing that was promised is nothing proven."""
    holes = [one for one in points if one.hole]
    if not points:
        return "refuted", "nothing is promised, so nothing is watched"
    if not holes:
        return "proven", f"all {len(points)} points are there"
    first = holes[0]
    return (
        "refuted",
        f"{len(holes)} of {len(points)} are missing, first {first.name}: {first.aspect}: {first.hole}",
    )


def control(book: RuleBook) -> str:
    """The negative control: with nothing found, only what golive.yaml itself says may count as there."""
    nothing = coverage(book, Found(data={}, queries=(), pages={}, rehearsed={}, arrived={}))
    blind = [one for one in nothing if not one.hole and one.aspect not in ("alert", "receiver")]
    return "green" if blind or not nothing else "red"
