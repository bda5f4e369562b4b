"""Rules between keys, looked for in the tree as it was written.

They look at what is there and pass over what has the wrong shape, so that they find their faults in a file
that has others too: a reader sees all of them at once. Paths are those of the tree.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from golive.spec.fault import Fault, Path, nearest
from golive.spec.shape.base import items, mapping

MOST = 50  # environments, requirements and steps that are looked at; more than the shape allows of any
FILL_IN = "FILL IN"  # what `golive init` leaves where it cannot know
REFERENCE = re.compile(r"\$\{([^}]*)(\}?)")


def crosschecks(tree: Mapping[str, Any]) -> Iterator[Fault]:
    """Every broken rule of the whole file; `at` is the path from its root."""
    places = islice(mapping(tree.get("environments")).items(), MOST)
    environments = {name: mapping(place) for name, place in places}
    yield from _requirements(environments)
    yield from _front_doors(environments)
    yield from _captures(items(mapping(tree.get("smoke")).get("steps"))[:MOST])
    for place, flow in enumerate(items(mapping(tree.get("load")).get("requests"))[:MOST]):
        if isinstance(flow, Mapping) and "data" not in flow:  # the columns of a file are known when it is read
            yield from _load_captures(items(flow.get("steps"))[:MOST], ("load", "requests", place, "steps"))
    yield from _claims(items(tree.get("claims"))[:MOST], environments)
    yield from _left_open(tree, ())


def _claims(claims: list[Any], environments: Mapping[str, Any]) -> Iterator[Fault]:
    names = [mapping(claim).get("id") for claim in claims]
    for place, claim in enumerate(claims):
        if names[place] in names[:place]:
            yield Fault(f"{names[place]} is there twice", next="rename or remove one", at=("claims", place, "id"))
        for number, name in enumerate(items(mapping(claim).get("environments"))[:MOST]):
            if isinstance(name, str) and name not in environments:
                here = "environments here: " + ", ".join(environments)
                at: Path = ("claims", place, "environments", number)
                yield Fault(f"{name} is not an environment of this file", next=here, at=at)


def _requirements(environments: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    wanted = {name: items(place.get("requires"))[:MOST] for name, place in environments.items()}
    for name, required in wanted.items():
        for place, other in enumerate(required):
            at: Path = ("environments", name, "requires", place)
            if isinstance(other, str) and (fault := _requirement(name, other, wanted, at)):
                yield fault
            elif other in required[:place]:
                yield Fault(f"{other} is required twice", next="remove one", at=at)


def _requirement(name: str, other: str, wanted: Mapping[str, list[Any]], at: Path) -> Fault | None:
    if other == name:
        return Fault(f"{name} requires itself", why="it could never go live", next="remove it", at=at)
    if other not in wanted:
        near = nearest(other, wanted)
        next_step = f"did you mean `{near}`?" if near else "environments here: " + ", ".join(wanted)
        return Fault(f"{other} is not an environment of this file", next=next_step, at=at)
    round_trip = _way(other, name, wanted)
    if round_trip:
        circle = " → ".join((name, *round_trip))
        return Fault(f"a circle: {circle}", why="none of them could go live", next="remove one of them", at=at)
    return None


def _way(start: str, goal: str, wanted: Mapping[str, list[Any]]) -> tuple[str, ...]:
    """The names from `start` to `goal` along requirements, or nothing."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        if way[-1] == goal:
            return way
        for other in wanted.get(way[-1], ()):
            if isinstance(other, str) and other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return ()


def _front_doors(environments: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    taken: dict[int, str] = {}
    for name, place in environments.items():
        port = mapping(place.get("target")).get("port")
        if not isinstance(port, int) or isinstance(port, bool):
            continue
        if port in taken:
            yield Fault(
                f"port {port} is the front door of {taken[port]} too",
                why="one port leads to one environment",
                next="give each its own, or leave `port` out for a free one",
                at=("environments", name, "target", "port"),
            )
        taken.setdefault(port, name)


def _captures(steps: list[Any]) -> Iterator[Fault]:
    captured: set[str] = set()
    for place, step in enumerate(map(mapping, steps)):
        at: Path = ("smoke", "steps", place, "request")
        for inner, text in _texts(mapping(step.get("request")), ()):
            yield from _references(text, captured, (*at, *inner))
        captured |= mapping(step.get("capture")).keys()


def _load_captures(steps: list[Any], at: Path) -> Iterator[Fault]:
    captured: set[str] = set()
    for place, step in enumerate(map(mapping, steps)):
        for key in ("path", "headers", "body", "json"):
            for inner, text in _texts(step.get(key), (key,)):
                yield from _references(text, captured, (*at, place, *inner))
        captured |= mapping(step.get("capture")).keys()


def _references(text: str, captured: set[str], at: Path) -> Iterator[Fault]:
    for reference in REFERENCE.finditer(text):
        name, closed = reference[1], reference[2]
        if not closed:
            yield Fault("`${` without `}`", next="write ${name}", at=at)
        elif name not in captured:
            near = nearest(name, captured)
            yield Fault(
                f"${{{name}}} is not captured by an earlier step",
                why="captured so far: " + (", ".join(sorted(captured)) or "nothing"),
                next=f"did you mean ${{{near}}}?"
                if near
                else f"add to an earlier step: capture: {{{name}: some.path}}",
                at=at,
            )


def _left_open(part: object, at: Path) -> Iterator[Fault]:
    for inner, text in _texts(part, at):
        if FILL_IN in text:
            hint = text.partition(FILL_IN)[2].lstrip(": ")
            next_step = f"write {hint}" if hint else "write what belongs there"
            yield Fault(f"it still says {FILL_IN}", why="golive init could not know it", next=next_step, at=inner)


def _texts(part: object, at: Path) -> Iterator[tuple[Path, str]]:
    match part:
        case str():
            yield at, part
        case Mapping():
            for name, inner in part.items():
                yield from _texts(inner, (*at, name))
        case list():
            for place, inner in enumerate(part):
                yield from _texts(inner, (*at, place))
