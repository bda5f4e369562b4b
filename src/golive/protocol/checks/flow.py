"""What holds between lines: staging before production, outputs that a step writes."""

import re
from collections.abc import Iterator, Sequence

from golive.protocol.contracts.contract import is_dry_run
from golive.protocol.document import Document, Finding, Item, Place
from golive.protocol.effects import effect
from golive.protocol.invocation import Invocation, invocations
from golive.protocol.rules import finding
from golive.protocol.world import World
from golive.spec.fault import printable

QUOTED = re.compile(r"`([^`\n]{1,300})`")
PATH = re.compile(r"(?:\./)?[\w.-]+(?:/[\w.<>{}-]+)*/?")
DEEPEST = 20  # folders


def flow(document: Document, world: World) -> Iterator[Finding]:
    run = invocations(document)
    yield from _staging_first(run, world)
    yield from _outputs(document, run)


def _staging_first(run: Sequence[Invocation], world: World) -> Iterator[Finding]:
    effects = [(one, effect(one, world).name) for one in run if not any(map(is_dry_run, one.words))]
    staging = [one for one, name in effects if name == "changes-staging" and not _turns_back(one)]
    for one, name in effects:
        if name != "changes-production" or _turns_back(one):
            continue
        if not staging:
            yield finding("production-without-staging", one.at, f"{printable(one.script)} changes production")
        elif staging[0].directive.at > one.directive.at:
            what = (
                f"{printable(one.script)} changes production; staging comes on line {staging[0].directive.at.line}"
            )
            yield finding("production-before-staging", one.at, what)


def _turns_back(one: Invocation) -> bool:
    return "rollback" in one.script.lower() or "roll_back" in one.script.lower()


def _outputs(document: Document, run: Sequence[Invocation]) -> Iterator[Finding]:
    """Only outputs that are paths: whether a sentence is written somewhere cannot be told."""
    lines = document.text.split("\n")
    written = {tuple(_parts(path)) for path in _written(document, run, lines)} - {()}
    around = {path[:depth] for path in written for depth in range(1, min(len(path), DEEPEST) + 1)}
    names = {path[-1] for path in written}
    for section in document.of("outputs"):
        for item in section.items:
            for path, at in _paths(item, lines):
                promised = tuple(_parts(path))
                inside = any(promised[:depth] in written for depth in range(1, min(len(promised), DEEPEST) + 1))
                by_name = len(promised) == 1 and promised[0] in names
                if promised and not inside and not by_name and promised not in around:
                    yield finding("output-unproduced", at, f"no step writes `{printable(path)}`")


def _written(document: Document, run: Sequence[Invocation], lines: Sequence[str]) -> Iterator[str]:
    for one in run:
        for word in one.words:
            path = word.rpartition("=")[2]
            if "/" in path or "." in path:
                yield path
    for step in document.steps:
        for item in step.actions:
            yield from item.evidence
            yield from (path for path, _ in _paths(item, lines))
    for gate in document.gates:
        for text in gate.criteria:
            yield from QUOTED.findall(text)


def _paths(item: Item, lines: Sequence[str]) -> Iterator[tuple[str, Place]]:
    """Paths in backticks on an item's first line; without a slash or an ending it is a name, and no path."""
    line = lines[item.at.line - 1] if 0 < item.at.line <= len(lines) else ""
    for found in QUOTED.finditer(line):
        text = found.group(1)
        if PATH.fullmatch(text) and ("/" in text or re.search(r"\.\w{1,8}$", text)):
            yield text, Place(line=item.at.line, column=found.start(1) + 1)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]
