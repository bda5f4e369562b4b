"""What the text refers to, and whether it is there: other documents, and steps of this one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from golive.protocol.document import Document, Finding, Place
from golive.protocol.rules import finding
from golive.protocol.world import World
from golive.spec.fault import printable

LINK = re.compile(r"\]\((?!\w{1,20}:|#|/)([^()#\s]{1,300})(?:[#\s][^()\n]{0,200})?\)")
APPLIED = re.compile(
    r"\b(?:apply|follow|see|use|run|load|execute|per|of|in|with)\b[^`\n]{0,40}`(?!\w+:)([^`\s]{1,300}\.mdc?)\b",
    re.IGNORECASE,
)
STEP = re.compile(r"\bstep\s+(\d[\w.]{0,12})", re.IGNORECASE)
OF_ANOTHER = re.compile(r"\b(?:protocol|phase|document|runbook)\b|\.mdc?\b", re.IGNORECASE)
NEAR = 40  # characters in which another document may be named


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A file that the text sends its reader to, relative to the document."""

    path: str
    at: Place


def references(document: Document) -> tuple[Reference, ...]:
    """The files that the document refers to; the caller finds out whether they exist."""
    return tuple(
        Reference(path=found.group(1).removeprefix("./"), at=Place(line=number, column=found.start(1) + 1))
        for number, text in _prose(document)
        for pattern in (LINK, APPLIED)
        for found in pattern.finditer(text)
    )


def missing_references(document: Document, world: World) -> Iterator[Finding]:
    for one in references(document):
        if world.exists.get(one.path) is False:
            yield finding("reference-missing", one.at, f"`{printable(one.path)}` does not exist")
    known = {step.id.lower() for step in document.steps if step.id}
    if not known:
        return
    for number, text in _prose(document):
        for found in STEP.finditer(text):
            name = found.group(1).rstrip(".").lower()
            near = text[max(0, found.start() - NEAR) : found.end() + NEAR]
            if name not in known and not text.lstrip().startswith("#") and not OF_ANOTHER.search(near):
                at = Place(line=number, column=found.start() + 1)
                yield finding("reference-missing", at, f"there is no step {printable(found.group(1).rstrip('.'))}")


def _prose(document: Document) -> Iterator[tuple[int, str]]:
    """Lines outside fences."""
    fenced = {
        line
        for fence in document.fences
        for line in range(fence.at.line, fence.at.line + fence.body.count("\n") + 2)
    }
    for number, text in enumerate(document.text.split("\n"), start=1):
        if number not in fenced:
            yield number, text
