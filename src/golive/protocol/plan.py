"""What a protocol would do: its parts in the order of the file, each with commands and questions.

Pure. A command's effect is what its script declares; nothing is guessed from its name. Numbered actions that
golive can judge carry the claims that stand for them; the others wait for a person.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from golive.protocol.document import Directive, Document, Fence, Item, Place, Section, Step
from golive.protocol.lines import commands
from golive.protocol.mapping import row_for

Effect = Literal["reads", "writes-evidence", "changes-staging", "changes-production", "unknown"]
MAY_REPEAT = frozenset({"reads", "writes-evidence"})  # without asking, when nobody knows how it ended
MOST_OF_FENCE = 200  # commands that are shown
KINDS = {"prerequisites": "Prerequisites", "outputs": "Outputs", "handoff": "Handoff"}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a directive before it is run."""

    effect: Effect = "unknown"
    dry_run: str = ""  # absent, ignored, named, declared


@dataclass(frozen=True, kw_only=True)
class Command:
    """One directive in its place. `key` names it for as long as the document has this digest."""

    key: str
    directive: Directive
    known: Known

    @property
    def effect(self) -> Effect:
        return self.known.effect

    @property
    def asks_approval(self) -> bool:
        return "--if-approved" in self.directive.argv

    @property
    def is_dry_run(self) -> bool:
        return "--dry-run" in self.directive.argv


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing that must be true or done: judged by claims, else answered by a person."""

    key: str
    item: Item
    claims: tuple[str, ...] = ()
    where_applicable: bool = False  # the text itself leaves it open


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section or step: first its commands are run, then its questions are judged."""

    key: str
    id: str
    title: str
    at: Place
    commands: tuple[Command, ...]
    questions: tuple[Question, ...]
    condition: str = ""
    gate: bool = False

    @property
    def name(self) -> str:
        return f"step {self.id}" if self.id else self.title.lower()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that a run would do."""

    title: str
    digest: str  # SHA-256 of the document
    parts: tuple[Part, ...]
    mentioned: tuple[Directive, ...] = ()  # commands in fences and prose: shown, not run

    @property
    def commands(self) -> tuple[Command, ...]:
        return tuple(command for part in self.parts for command in part.commands)

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for part in self.parts for question in part.questions)


def plan(document: Document, digest: str, known: Callable[[Directive], Known]) -> Plan:
    """The plan of a document. `known` tells what a directive's script declares."""
    parts = sorted(_parts(document, known), key=lambda part: part.at)
    inline = (directive for directive in document.directives if directive.origin == "inline")
    mentioned = (*inline, *(directive for fence in document.fences for directive in _in_fence(fence)))
    return Plan(
        title=document.title,
        digest=digest,
        parts=tuple(parts),
        mentioned=tuple(sorted(mentioned, key=lambda d: d.at)),
    )


def _parts(document: Document, known: Callable[[Directive], Known]) -> Iterator[Part]:
    for section in document.sections:
        if section.directives or (section.kind in KINDS and section.items):
            yield _of_section(section, known)
    for step in document.steps:
        if not step.template:
            yield _of_step(step, known)
    for gate in document.gates:
        commands = _commands(gate.directives, known)
        if commands:
            yield Part(
                key=f"line {gate.at.line}",
                id="",
                title=gate.title or f"Gate {gate.id}",
                at=gate.at,
                commands=commands,
                questions=(),
                gate=True,
            )


def _in_fence(fence: Fence) -> Iterator[Directive]:
    """What a shell fence holds, as it stands: nothing of it is run."""
    for text in commands(fence)[:MOST_OF_FENCE]:
        yield Directive(argv=(), text=text, at=fence.at, origin="fence", name=fence.name)


def _of_section(section: Section, known: Callable[[Directive], Known]) -> Part:
    return Part(
        key=f"line {section.at.line}",
        id="",
        title=KINDS.get(section.kind, section.heading),
        at=section.at,
        commands=_commands(section.directives, known),
        questions=_questions(section.items) if section.kind in KINDS else (),
    )


def _of_step(step: Step, known: Callable[[Directive], Known]) -> Part:
    return Part(
        key=f"line {step.at.line}",
        id=step.id,
        title=step.title,
        at=step.at,
        commands=_commands(step.directives, known),
        questions=_questions(step.actions),
        condition=step.condition,
        gate=step.gate,
    )


def _commands(directives: tuple[Directive, ...], known: Callable[[Directive], Known]) -> tuple[Command, ...]:
    return tuple(
        Command(key=f"line {directive.at.line}", directive=directive, known=known(directive))
        for directive in directives
        if directive.origin in ("directive", "script")
    )


def _questions(items: tuple[Item, ...]) -> tuple[Question, ...]:
    return tuple(_question(item) for item in items if item.required is not False)


def _question(item: Item) -> Question:
    row = row_for(item.text)
    return Question(
        key=f"line {item.at.line}",
        item=item,
        claims=row.claims if row else (),
        where_applicable="where applicable" in item.text.lower() or "if applicable" in item.text.lower(),
    )
