"""Gates decide: one that checks nothing passes whatever happened, and what one changes itself it cannot judge."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.protocol.document import Directive, Document, Finding, Place
from golive.protocol.effects import effect
from golive.protocol.invocation import RUN, Invocation, invocation
from golive.protocol.rules import finding
from golive.protocol.world import World
from golive.spec.fault import printable


@dataclass(frozen=True, kw_only=True)
class _Gate:
    """A step that is a gate, or a gate that the document defines for itself."""

    at: Place
    name: str
    directives: tuple[Directive, ...]
    words: tuple[str, ...]  # what people answer


def gates(document: Document, world: World, *, skip_missing: bool) -> Iterator[Finding]:
    lines = document.text.split("\n")
    for gate in _gates(document):
        run = [invocation(one, lines) for one in gate.directives if one.origin in RUN and one.argv]
        yield from _checking(gate, run, world, skip_missing)
        for one in run:
            name = effect(one, world).name
            if name.startswith("changes-"):
                where = name.removeprefix("changes-")
                yield finding("gate-changes", one.at, f"{printable(one.script)} changes {where} in a gate")


def _checking(gate: _Gate, run: list[Invocation], world: World, skip_missing: bool) -> Iterator[Finding]:
    absent = [one for one in run if one.script in world.scripts and world.scripts[one.script].state == "missing"]
    if not run and not any(gate.words):
        yield finding("gate-empty", gate.at, f"{gate.name} has no command and no criteria")
    elif not run:
        yield finding("gate-unchecked", gate.at, f"{gate.name} has no command")
    elif skip_missing and len(absent) == len(run):
        what = f"{gate.name} has only commands whose scripts are missing, and they are skipped"
        yield finding("gate-empty", gate.at, what)


def _gates(document: Document) -> Iterator[_Gate]:
    for step in document.steps:
        if step.gate and not step.template:
            name = f"step {step.id}" if step.id else f"the step `{step.title}`"
            words = tuple(item.text for item in step.actions)
            yield _Gate(at=step.at, name=name, directives=step.directives, words=words)
    for gate in document.gates:
        name = f"gate {gate.id or gate.title}"
        yield _Gate(at=gate.at, name=name, directives=gate.directives, words=(*gate.criteria, gate.threshold))
