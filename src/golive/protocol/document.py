"""A protocol document as values: what it asks for, and on which line.

The order is the order in the file, never sorted by number: step numbers repeat and restart in the wild. Ids are
text (`0.1`, `3bis`). What is not understood stays in `Document.text`, which is the file as it was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["role", "prerequisites", "steps", "gates", "outputs", "handoff", "prose"]
Origin = Literal["directive", "script", "inline", "fence"]
# directive: {SCRIPT: …} on a line of its own · script: "- Script: `…`" of a gate · inline: a command in prose or
# a table · fence: a shell fence. Only the first two run unless the operator asks for more.


@dataclass(frozen=True, kw_only=True, order=True)
class Place:
    """Where something begins in the file; both count from 1, columns in characters."""

    line: int
    column: int = 1


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """A hole that a person must fill: `<artifact>`, or `{NAME}` in a template."""

    name: str
    text: str  # as written
    at: Place


@dataclass(frozen=True, kw_only=True)
class Directive:
    """One command that the document asks for. `argv` is what would run: never a shell."""

    argv: tuple[str, ...]
    text: str  # as written, without the braces
    at: Place
    origin: Origin = "directive"
    name: str = ""  # of a named fence
    placeholders: tuple[Placeholder, ...] = ()

    @property
    def script(self) -> str:
        return self.argv[0] if self.argv else ""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One numbered action, bullet or table row: what a person would do.

    `number` is the text before it ("1", "3.2", "" for a bullet). `required` is None where the document does not
    say; `ticked` is None where there is no box (a tick in the document is decoration, never a result).
    """

    text: str
    at: Place
    number: str = ""
    required: bool | None = None
    ticked: bool | None = None
    action: str = ""
    communication: str = ""
    halt: str = ""  # the condition under which a person must say go
    evidence: tuple[str, ...] = ()  # paths or names of what is to be kept


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its actions, and then the commands in the order of the file."""

    id: str  # "1", "0.1", "3bis"; "" where the document gives none
    title: str
    at: Place
    actions: tuple[Item, ...] = ()
    directives: tuple[Directive, ...] = ()
    condition: str = ""  # "conditional", "if applicable", "only when …": to be asked
    gate: bool = False  # decides, and changes nothing
    template: bool = False  # "STEP N": a form to copy, not a step


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A gate that a document defines for itself (its own criteria, and perhaps a script)."""

    id: str
    title: str
    at: Place
    kind: str = ""  # Prerequisite, Execution, Completion
    criteria: tuple[str, ...] = ()
    threshold: str = ""
    directives: tuple[Directive, ...] = ()
    on_failure: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the document below one heading, with what was understood of it."""

    kind: Kind
    heading: str
    level: int  # 1 to 6
    at: Place
    items: tuple[Item, ...] = ()
    directives: tuple[Directive, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fence:
    """A fenced block; its text is a mention, not an instruction, unless the operator asks."""

    language: str
    name: str
    body: str
    at: Place
    closed: bool = True


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about the text that a reader should know. Rules are stable names, such as `unclosed-fence`."""

    rule: str
    severity: Literal["error", "warning", "note"]
    at: Place
    what: str
    why: str = ""
    next: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole protocol. `text` is the file as given: writing it back changes no byte of it."""

    text: str
    title: str = ""
    phase: str = ""  # "6", "operations"; "" where the document does not say
    dialect: str = ""  # "canonical", "unified", "workflow", … "prose" where nothing was recognised
    optional: bool = False  # the document says that the whole phase is optional
    front: Mapping[str, object] = field(default_factory=dict)  # YAML front matter, where there is a mapping
    sections: tuple[Section, ...] = ()
    steps: tuple[Step, ...] = ()
    gates: tuple[Gate, ...] = ()
    fences: tuple[Fence, ...] = ()
    findings: tuple[Finding, ...] = ()  # about the reading itself: an unclosed fence, a hidden character

    def of(self, kind: Kind) -> tuple[Section, ...]:
        """The sections of one kind, in the order of the file."""
        return tuple(section for section in self.sections if section.kind == kind)

    @property
    def directives(self) -> tuple[Directive, ...]:
        """Every command of the document in the order of the file."""
        found = [*(d for s in self.sections for d in s.directives), *(d for s in self.steps for d in s.directives)]
        found += [d for gate in self.gates for d in gate.directives]
        return tuple(sorted(found, key=lambda directive: directive.at))
