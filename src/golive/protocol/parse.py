"""Reads a protocol document, of any dialect, into values: `parse(source)`.

Any bytes give a `Document`; what is not understood stays in its text and is never an exception. The order is the
order of the file. Fences are mentions and give no directive (`lines.commands` reads their lines for who asks).
Findings of the reading, by rule: see `reading.RULES`. A directive with an error has no words:
nobody can run it.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import Literal

from golive.protocol import headings, items, lines, words
from golive.protocol import reading as reads
from golive.protocol.dialect import dialect
from golive.protocol.document import Directive, Document, Finding, Gate, Kind, Place, Section, Step

SCRIPT = re.compile(r"\**script\**\s*:", re.I)
PLAIN = re.compile(r"(?:PHASE|STEP) \d{1,9}(?:\.\d{1,9})*:")
ASKED = re.compile(r"\b(?:skip if|only when|only if)\b", re.I)
LOOSE = re.compile(r"\s*\{\s*SCRIPT\s*:", re.I)
FIELD = re.compile(
    r"(?:[-*+][ \t]+)?\**(type|threshold|failure handling|pass criteria|boolean check)\s*:\**\s*:?\s*", re.I
)
HEAD_ROW = re.compile(r"\|\s*(?:#|step|no\.?|item)\s*\|", re.I)
OPTIONAL = re.compile(
    r"\b(?:protocol|phase) (?:is|may be) optional\b|\bruns? only\b|\boptional (?:protocol|phase)\b", re.I
)


@dataclass(kw_only=True)
class _Part:
    """A section, step or gate while its lines are read."""

    heading: headings.Heading
    at: Place
    drafts: list[items.Draft] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)


@dataclass(kw_only=True)
class _Reading:
    parts: list[_Part] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    title: str = ""
    inside: Kind = "prose"
    inside_level: int = 0
    open_item: bool = False
    field_name: str = ""
    table: bool = False
    optional: bool = False


def parse(source: bytes | str, name: str = "") -> Document:
    """Read a document. `name` is only for who shows findings; it changes nothing."""
    text = source.decode("utf-8", "surrogateescape") if isinstance(source, bytes) else source
    found = lines.scan(text)
    reading = _Reading(findings=[*reads.about_bytes(text), *found.findings])
    for line in found.lines:
        _read(reading, line.text, line.number)
    steps = tuple(_step(part) for part in reading.parts if part.heading.means == "step") or _listed_steps(reading)
    gates = tuple(_gate(part) for part in reading.parts if part.heading.means == "gate")
    sections = tuple(_section(part) for part in reading.parts if part.heading.means == "section")
    phase = headings.PROTOCOL.match(reading.title[:300])
    document = Document(
        text=text,
        title=reading.title,
        phase=str(found.front.get("phase", "")) or (phase[1] if phase else ""),
        optional=reading.optional,
        front=found.front,
        sections=sections,
        steps=steps,
        gates=gates,
        fences=tuple(found.fences),
        findings=reads.told(reading.findings),
    )
    return replace(document, dialect=dialect(document))


def _read(reading: _Reading, text: str, number: int) -> None:
    bare = text.strip()
    if not bare:
        reading.open_item = reading.table = False
    elif level := headings.level_of(text) or (3 if PLAIN.match(text) else 0):
        _open(reading, text, level, number)
    elif LOOSE.match(text):
        _directive(reading, text, number)
    elif bare.startswith("|"):
        _row(reading, text, number)
    else:
        _prose(reading, text, bare, number)


def _open(reading: _Reading, text: str, level: int, number: int) -> None:
    heading = headings.read(text, level, reading.inside if level > reading.inside_level else "prose")
    reading.open_item, reading.field_name = False, ""
    if level == 1 and not reading.title:
        reading.title = heading.text
    current = reading.parts[-1].heading if reading.parts else None
    if heading.means == "section":
        if current and current.means != "section" and level > current.level:
            return  # a heading within a step or gate belongs to it
        if level <= reading.inside_level or reading.inside == "prose" or heading.kind != "prose":
            reading.inside, reading.inside_level = heading.kind, level
    reading.parts.append(_Part(heading=heading, at=Place(line=number)))


def _part(reading: _Reading, number: int) -> _Part:
    """The part that the line belongs to; what stands before all headings gets one without a heading."""
    if not reading.parts:
        nothing = headings.Heading(means="section", level=1, text="", title="")
        reading.parts.append(_Part(heading=nothing, at=Place(line=number)))
    return reading.parts[-1]


def _directive(reading: _Reading, text: str, number: int) -> None:
    column = len(text) - len(text.lstrip()) + 1
    end = words.closing_brace(text) if text.startswith("{SCRIPT:") else -1
    if column > 1:
        _find(reading, "indented-directive", "warning", number, column)
    elif end < 0 or text[end + 1 :].strip():
        _find(reading, "malformed-directive", "error", number, 1)
    else:
        inside = text[len("{SCRIPT:") : end]
        start = len("{SCRIPT:") + len(inside) - len(inside.lstrip())
        read = words.command(inside.strip(), Place(line=number), column=start + 1)
        _part(reading, number).directives.append(read.directive)
        reading.findings.extend(read.findings)
    reading.open_item = False


def _prose(reading: _Reading, text: str, bare: str, number: int) -> None:
    part = _part(reading, number)
    _commands(reading, part, text, number)
    if OPTIONAL.search(bare[:2000]):
        reading.optional = True
    if part.heading.means == "step" and ASKED.search(bare[:2000]):
        part.fields.setdefault("condition", [bare])
    if part.heading.means == "gate" and _field(reading, part, bare):
        return
    draft = items.begin(text, number)
    if draft is None:
        if part.drafts and (items.told(part.drafts[-1], bare) or _halt(part.drafts[-1], bare)):
            reading.open_item = False
        elif reading.open_item:
            part.drafts[-1].parts.append(bare)
        return
    above = part.drafts[-1] if part.drafts else None
    if not (above and draft.indent > above.indent and items.told(above, draft.parts[0])):
        part.drafts.append(draft)
        if part.heading.means == "gate" and reading.field_name and not SCRIPT.match(draft.parts[0]):
            part.fields.setdefault(reading.field_name, []).append(draft.parts[0])
    reading.open_item = part.drafts[-1] is draft


def _halt(draft: items.Draft, bare: str) -> bool:
    if not items.HALT.match(bare[:200]):
        return False
    draft.labels.setdefault("halt", bare.strip("*"))
    return True


def _field(reading: _Reading, part: _Part, bare: str) -> bool:
    match = FIELD.match(bare)
    if match is None:
        return False
    reading.field_name = match[1].lower()
    if rest := bare[match.end() :].strip():
        part.fields.setdefault(reading.field_name, []).append(rest)
    return True


def _commands(reading: _Reading, part: _Part, text: str, number: int) -> None:
    if "`" not in text:
        return
    for command, column, script in items.inline_commands(text):
        origin: Literal["script", "inline"] = "script" if script else "inline"
        read = words.command(command, Place(line=number, column=column), origin, column)
        part.directives.append(read.directive)
        reading.findings.extend(read.findings)


def _row(reading: _Reading, text: str, number: int) -> None:
    part = _part(reading, number)
    bare = text.strip()
    if HEAD_ROW.match(bare):
        reading.table = True
    elif reading.table and not set(bare) <= set("|-: \t"):
        part.drafts.append(items.row(text, number))
    _commands(reading, part, text, number)


def _step(part: _Part) -> Step:
    heading = part.heading
    return Step(
        id=heading.id,
        title=heading.title,
        at=part.at,
        actions=tuple(draft.item() for draft in part.drafts),
        directives=tuple(part.directives),
        condition=heading.condition or " ".join(part.fields.get("condition", ())),
        gate="QUALITY GATE" in heading.title.upper(),
        template=heading.template,
    )


def _listed_steps(reading: _Reading) -> tuple[Step, ...]:
    """Where no heading is a step, the numbered items of a section of steps are."""
    steps: list[Step] = []
    for part in reading.parts:
        numbered = [draft for draft in part.drafts if draft.number]
        if not numbered or part.heading.means != "section" or part.heading.kind != "steps":
            continue
        at = [directive.at.line for directive in part.directives]
        starts = [bisect_left(at, draft.at.line) for draft in numbered] + [len(at)]
        for draft, first, after in zip(numbered, starts, starts[1:], strict=False):
            item, own = draft.item(), tuple(part.directives[first:after])
            steps.append(Step(id=item.number, title=item.text, at=item.at, actions=(item,), directives=own))
        part.directives = part.directives[: starts[0]]
    return tuple(steps)


def _gate(part: _Part) -> Gate:
    said = part.fields
    return Gate(
        id=part.heading.id,
        title=part.heading.title,
        at=part.at,
        kind=" ".join(said.get("type", ())),
        criteria=(*said.get("pass criteria", ()), *said.get("boolean check", ())),
        threshold=" ".join(said.get("threshold", ())),
        directives=tuple(part.directives),
        on_failure=" ".join(said.get("failure handling", ())),
    )


def _section(part: _Part) -> Section:
    return Section(
        kind=part.heading.kind,
        heading=part.heading.text,
        level=part.heading.level,
        at=part.at,
        items=tuple(draft.item() for draft in part.drafts),
        directives=tuple(part.directives),
    )


def _find(reading: _Reading, rule: str, severity: Literal["error", "warning"], line: int, column: int) -> None:
    why = "only `{SCRIPT: path arguments}` alone on its line, from the first column, is a directive"
    at = Place(line=line, column=column)
    reading.findings.append(Finding(rule=rule, severity=severity, at=at, what=reads.RULES[rule], why=why))
