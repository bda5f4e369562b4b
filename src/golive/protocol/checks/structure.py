"""Steps and sections: numbers, titles, what has no command."""

import re
from collections.abc import Iterator, Sequence

from golive.protocol.document import Document, Finding, Kind, Place, Step
from golive.protocol.invocation import RUN
from golive.protocol.rules import finding

CANONICAL: dict[Kind, str] = {
    "role": "AI ROLE AND MISSION",
    "prerequisites": "PREREQUISITES",
    "steps": "EXECUTION STEPS",
    "outputs": "OUTPUTS",
    "handoff": "HANDOFF",
}
NUMBER = re.compile(r"(\d{1,6})((?:\.\d{1,6})*)")


def structure(document: Document) -> Iterator[Finding]:
    steps = [step for step in document.steps if not step.template]
    yield from _numbers(steps)
    yield from _titles(steps)
    if document.dialect == "canonical":
        yield from _sections(document)
    for step in steps:
        if not step.gate and not any(one.origin in RUN for one in step.directives):
            name = f"step {step.id}" if step.id else f"the step `{step.title}`"
            yield finding("manual-step", step.at, f"{name} has no command")


def _numbers(steps: Sequence[Step]) -> Iterator[Finding]:
    """Repeated, falling and left-out numbers. `3bis` counts as 3 and is never a repetition."""
    seen: dict[str, Step] = {}
    before: tuple[tuple[int, ...], Step] | None = None
    for step in steps:
        found = NUMBER.match(step.id)
        if not found:
            continue
        if step.id in seen:
            first = seen[step.id].at.line
            yield finding("step-repeated", step.at, f"step {step.id} is there twice; the first is on line {first}")
        number = tuple(int(part) for part in found.group().split("."))
        if step.id not in seen:
            yield from _after(step, number, before, whole=found.group() == step.id)
        seen.setdefault(step.id, step)
        before = (number, step)


def _after(
    step: Step, number: tuple[int, ...], before: tuple[tuple[int, ...], Step] | None, *, whole: bool
) -> Iterator[Finding]:
    if before is None:
        if number[-1] > 1:
            yield finding("step-first", step.at, f"the first step is {step.id}")
        return
    last, previous = before
    if number < last:
        what = f"step {step.id} comes after step {previous.id} of line {previous.at.line}"
        yield finding("step-order", step.at, what)
    elif whole and _leaves_out(last, number):
        what = f"after step {previous.id} of line {previous.at.line} comes step {step.id}"
        yield finding("step-gap", step.at, what)


def _leaves_out(last: tuple[int, ...], number: tuple[int, ...]) -> bool:
    """1 → 3, 1.1 → 1.3, 1.2 → 3.1; not 1 → 1.1, and not 1.2 → 2.0 or 2.1."""
    depth = next((i for i, (a, b) in enumerate(zip(last, number, strict=False)) if a != b), None)
    if depth is None:
        return len(number) > len(last) and number[len(last)] > 1
    return number[depth] > last[depth] + 1 or any(part > 1 for part in number[depth + 1 :])


def _titles(steps: Sequence[Step]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for step in steps:
        title = " ".join(step.title.casefold().split())
        if title and title in seen:
            what = f"`{step.title}` is also the title of the step on line {seen[title]}"
            yield finding("title-repeated", step.at, what)
        seen.setdefault(title, step.at.line)


def _sections(document: Document) -> Iterator[Finding]:
    there = {section.kind for section in document.sections} | ({"steps"} if document.steps else set())
    for kind, heading in CANONICAL.items():
        if kind not in there:
            yield finding("section-missing", Place(line=1), f"the section {heading} is missing")
