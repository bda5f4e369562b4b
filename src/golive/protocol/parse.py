"""Any bytes to a document. Nothing is run, nothing is refused, nothing is lost; the time is linear in the size.

Structure comes from a scan of lines that knows fences, comments and front matter. A CommonMark tree would not do:
a directive right after a list item is a continuation of that item there, two directives in a row become one
paragraph, and `<artifact>` becomes HTML. Source: the grammar of the protocol family and CommonMark 0.31.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from golive.protocol.document import (
    Directive,
    Document,
    Fence,
    Finding,
    Gate,
    Item,
    Kind,
    Place,
    Section,
    Step,
)
from golive.protocol.headings import Heading, heading, phase_of
from golive.protocol.items import Items
from golive.protocol.lines import Line, rows_of, scan
from golive.protocol.words import words
from golive.spec.tree import plain
from golive.spec.yaml12 import Unreadable, read

MARK = "{SCRIPT:"
SHELLS = frozenset({"bash", "sh", "shell", "console", "zsh", "shell-session", "step"})
MOST_OF_FENCE = 200  # commands of one fence that are shown
_CODE = re.compile(r"`([^`\n]{1,2000})`")
_SCRIPT = re.compile(
    r"^[ \t]*[-*+][ \t]+(?:\*\*)?script(?:\*\*)?[ \t]*:(?:\*\*)?[ \t]*`([^`\n]{1,2000})`", re.IGNORECASE
)
_COMMAND = re.compile(r"^(?:(?:python3?|bash|sh)\s+|\./)?(?:[\w.-]{1,100}/)*[\w.-]{1,100}\.(?:py|sh)(?=\s|$)")
_FIELD = re.compile(r"^[ \t]*(?:[-*+][ \t]+)?\*\*([A-Za-z ]{1,40}):?\*\*:?[ \t]*(.*)$")
_OPTIONAL = re.compile(r"\b(?:this )?(?:whole )?phase is optional\b|\boptional phase\b", re.IGNORECASE)


def parse(source: bytes | str, name: str = "") -> Document:
    """The document. Bytes that are no UTF-8 are kept as they are (surrogates), and found."""
    text = source.decode("utf-8", "surrogateescape") if isinstance(source, bytes) else source
    rows = rows_of(text)
    scanned = scan(rows, _mapping)
    reading = _Reading()
    for line in scanned.lines:
        reading.take(line)
    reading.end()
    title = reading.title or str(scanned.front.get("title", ""))
    return Document(
        text=text,
        title=title,
        phase=phase_of(title) or str(scanned.front.get("phase", "")),
        dialect=_dialect(scanned.front, reading, scanned.fences),
        optional=bool(_OPTIONAL.search(text)),
        front=scanned.front,
        sections=tuple(reading.sections),
        steps=tuple(reading.steps),
        gates=tuple(reading.gates),
        fences=tuple(scanned.fences),
        fenced=tuple(directive for fence in scanned.fences for directive in _in_fence(fence)),
        findings=tuple(sorted((*scanned.findings, *_bytes(text), *reading.findings), key=lambda f: f.at)),
    )


def directive_in(text: str, at: Place) -> tuple[str, tuple[Finding, ...]]:
    """The command of a line that begins with the mark; braces nest, and the last one must end the line."""
    depth, end = 0, -1
    for index, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if not depth:
            end = index
            break
    if end < 0:
        return text[len(MARK) :].strip(), (
            _odd("unclosed-directive", at, "this directive is never closed", "add }"),
        )
    rest = text[end + 1 :].strip()
    place = Place(line=at.line, column=at.column + end + 1)
    behind = _odd("text-after-directive", place, "there is text behind this directive", "give it its own line")
    return text[len(MARK) : end].strip(), (behind,) if rest else ()


def _odd(rule: str, at: Place, what: str, next: str) -> Finding:
    why = "a directive stands alone on its line"
    return Finding(rule=rule, severity="error", at=at, what=what, why=why, next=next)


@dataclass(kw_only=True)
class _Open:
    """What lines belong to until the next heading."""

    heading: Heading
    at: Place
    kind: Kind
    items: Items = field(default_factory=Items)
    directives: list[Directive] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)  # of a gate: "pass criteria" → text


@dataclass(kw_only=True)
class _Reading:
    title: str = ""
    sections: list[Section] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _open: _Open = field(init=False)
    _inside: list[tuple[int, Kind]] = field(default_factory=list)  # sections around, by level

    def __post_init__(self) -> None:
        top = Heading(level=1, text="", means="section")
        self._open = _Open(heading=top, at=Place(line=1), kind="prose")

    def take(self, line: Line) -> None:
        if line.kind != "text":
            return
        if line.text.startswith(MARK):
            self._directive(line)
        elif line.text.lstrip().startswith(MARK):
            place = Place(line=line.number, column=len(line.text) - len(line.text.lstrip()) + 1)
            what = "this directive is indented, so it is text of the list or block around it"
            self.findings.append(_odd("indented-directive", place, what, "begin it in the first column"))
        elif found := heading(line.text, self._kind_around()):
            self._begin(found, line.number)
        else:
            self._text(line)

    def end(self) -> None:
        """Close what is open."""
        opened, items, directives = self._open, self._open.items.end(), tuple(self._open.directives)
        if opened.heading.means == "step":
            self.steps.append(_step(opened, items, directives))
        elif opened.heading.means == "gate":
            self.gates.append(_gate(opened, directives))
        elif opened.heading.text or items or directives:
            self.sections.append(
                Section(
                    kind=opened.kind,
                    heading=opened.heading.text,
                    level=opened.heading.level,
                    at=opened.at,
                    items=items,
                    directives=directives,
                )
            )

    def _kind_around(self) -> Kind:
        return self._inside[-1][1] if self._inside else "prose"

    def _begin(self, found: Heading, line: int) -> None:
        if found.level == 1 and not self.title:
            self.title = found.text
        around = self._open.heading
        is_within = found.level > max(around.level, 2) and around.means in ("step", "gate")
        if is_within and found.means == "section" and found.kind == "prose":
            return  # a heading within a step belongs to it
        self.end()
        while self._inside and self._inside[-1][0] >= found.level:
            self._inside.pop()
        kind = found.kind
        if found.means == "section":
            kind = self._kind_around() if found.kind == "prose" and self._inside else found.kind
            self._inside.append((found.level, kind))
        self._open = _Open(heading=found, at=Place(line=line), kind=kind)

    def _directive(self, line: Line) -> None:
        at = Place(line=line.number)
        command, findings = directive_in(line.text.rstrip(), at)
        column = line.text.find(command, len(MARK)) + 1 if command else 1
        found = self._command(command, Place(line=line.number, column=column), "directive")
        self.findings += findings
        if command:
            self._open.directives.append(Directive(**{**vars(found), "at": at}))
        else:
            what = "this directive names no command"
            self.findings.append(_odd("empty-directive", at, what, "name a script"))

    def _command(self, text: str, at: Place, origin: str) -> Directive:
        read_words = words(text, at)
        if origin in ("directive", "script"):
            self.findings += read_words.findings
        return Directive(
            argv=read_words.argv,
            text=text,
            at=at,
            origin=origin,  # type: ignore[arg-type]
            placeholders=read_words.placeholders,
        )

    def _text(self, line: Line) -> None:
        script = _SCRIPT.match(line.text)
        if script:
            self._open.directives.append(
                self._command(script[1], Place(line=line.number, column=script.start(1) + 1), "script")
            )
            return
        labelled = _FIELD.match(line.text)
        if labelled and self._open.heading.means == "gate":
            self._open.fields.setdefault(labelled[1].strip().lower(), labelled[2].strip())
        self._open.items.take(line.text, line.number)
        for code in _CODE.finditer(line.text) if "`" in line.text else ():
            if _is_command(code[1]):
                at = Place(line=line.number, column=code.start(1) + 1)
                self._open.directives.append(self._command(code[1], at, "inline"))


def _is_command(code: str) -> bool:
    """A script with a path or with words behind it; a name alone is a mention."""
    return bool(_COMMAND.match(code)) and ("/" in code or " " in code)


def _step(opened: _Open, items: tuple[Item, ...], directives: tuple[Directive, ...]) -> Step:
    found = opened.heading
    return Step(
        id=found.id,
        title=found.title,
        at=opened.at,
        actions=items,
        directives=directives,
        condition=found.condition,
        gate="quality gate" in found.text.lower(),
        template=found.template,
    )


def _gate(opened: _Open, directives: tuple[Directive, ...]) -> Gate:
    told, found = opened.fields, opened.heading
    criteria = told.get("pass criteria", "")
    return Gate(
        id=found.id,
        title=found.title,
        at=opened.at,
        kind=told.get("type", ""),
        criteria=(criteria,) if criteria else (),
        threshold=told.get("threshold", ""),
        directives=directives,
        on_failure=told.get("failure handling", ""),
    )


def _in_fence(fence: Fence) -> Iterator[Directive]:
    """Commands in a shell fence: shown, not run. Prompts are taken off only where every line has one."""
    if fence.language not in SHELLS:
        return
    rows = [(number, row) for number, row in enumerate(fence.body.split("\n"), 1) if row.strip()]
    told = [(number, row.strip()) for number, row in rows if not row.lstrip().startswith("#")][:MOST_OF_FENCE]
    prompted = bool(told) and all(row.startswith("$ ") for _, row in told)
    for number, row in told:
        text = row[2:].strip() if prompted else row
        yield Directive(
            argv=(),
            text=text,
            at=Place(line=fence.at.line + number),
            origin="fence",
            name=fence.name,
        )


def _bytes(text: str) -> Iterator[Finding]:
    """What a reader of the file would not see: where it first is."""
    for rule, pattern, what in (
        ("undecodable", _SURROGATE, "bytes here are no UTF-8"),
        ("bidirectional", _BIDI, "a mark here turns the direction of what is read"),
        ("control-character", _CONTROL, "a control character is here"),
    ):
        found = pattern.search(text)
        if found:
            line = text.count("\n", 0, found.start()) + 1
            column = found.start() - text.rfind("\n", 0, found.start())
            yield Finding(
                rule=rule,
                severity="warning",
                at=Place(line=line, column=column),
                what=what,
                why="people do not see what a program reads",
                next="type the line anew",
            )


_SURROGATE = re.compile("[\udc80-\udcff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _mapping(text: str) -> Mapping[str, object] | None:
    """Front matter, when it is YAML with a mapping; None for anything else."""
    try:
        found = plain(read(text.encode("utf-8", "surrogateescape")))
    except (Unreadable, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _dialect(front: Mapping[str, object], reading: _Reading, fences: list[Fence]) -> str:
    """The family's name for the shape; "prose" where nothing was recognised."""
    kinds = {section.kind for section in reading.sections}
    headings = " ".join(section.heading.lower() for section in reading.sections)
    directives = [d for s in reading.sections for d in s.directives]
    directives += [d for s in reading.steps for d in s.directives]
    tagged = any(item.required is not None for step in reading.steps for item in step.actions)
    shapes = (
        ("front matter", "gates" in front or "triggers" in front),
        ("long", bool(reading.gates) or (any("." in step.id for step in reading.steps) and tagged)),
        ("canonical", any(d.origin == "directive" for d in directives) and bool(reading.steps)),
        ("development", tagged or any("." in step.id for step in reading.steps)),
        ("generated commands", "automation hooks" in headings),
        ("workflow", "automation scripts" in headings or "exit criteria" in headings),
        ("unified", bool(reading.steps) and "gates" in kinds),
        ("steps", bool(reading.steps)),
        ("commands", any(fence.language in SHELLS for fence in fences)),
    )
    return next((name for name, fits in shapes if fits), "prose")
