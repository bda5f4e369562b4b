"""What a heading means, in every dialect: a step, a gate, or a section of a kind.

Ids are text. A heading may be bold or code as a whole, begin with an emoji, a keycap digit or a tag, and have
blanks before its colon; the words decide.
"""

import re
from dataclasses import dataclass
from typing import Literal

from golive.protocol.document import Kind

TAGS = {
    "STRICT": True,
    "MUST": True,
    "CRITICAL": True,
    "REQUIRED": True,
    "MANDATORY": True,
    "GUIDELINE": False,
}
_TAG = re.compile(rf"^[*`]*\[({'|'.join(TAGS)})\][*`]*[ \t]*")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_KEYCAP = re.compile("\N{VARIATION SELECTOR-16}?\N{COMBINING ENCLOSING KEYCAP}")
_ID = r"[0-9]{1,6}(?:\.[0-9]{1,6}){0,4}(?:bis|ter|[A-Za-z])?|[NX]"
_BEFORE = r"^(?:[0-9]+(?:\.[0-9]+)*\.?\s+)?"  # "3.1 PHASE 1"
_STEP = re.compile(rf"{_BEFORE}(step|phase)\s+({_ID})\b\s*(?:[:.)\u2013\u2014-]+\s*(.*))?$", re.IGNORECASE)
_NUMBERED = re.compile(rf"^({_ID})[.):\s\u2013\u2014-]+(\S.*)$")
_GATE = re.compile(rf"{_BEFORE}gate\s+([0-9A-Za-z.]{{1,12}})\s*(?:[:\u2013\u2014-]+\s*(.*))?$", re.IGNORECASE)
_CONDITION = re.compile(
    r"\((conditional|optional|if [^()]{1,80}|when [^()]{1,80}|where [^()]{1,80})\)", re.IGNORECASE
)
_PHASE = re.compile(r"\b(?:protocol|phase)\s+([0-9]{1,3}[A-Za-z]?)\b", re.IGNORECASE)

_KINDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("gates", ("quality gates", "gates", "gate criteria")),
    ("steps", ("execution steps", "steps", "process", "procedure", "workflow", "execution", "automation hooks")),
    ("prerequisites", ("prerequisite", "preconditions", "inputs", "before you begin", "required inputs")),
    ("role", ("ai role", "role", "mission", "objectives", "purpose")),
    (
        "outputs",
        ("outputs", "required artefacts", "required artifacts", "deliverables", "evidence logging", "artifacts"),
    ),
    ("handoff", ("handoff", "hand-off", "next phase", "exit criteria", "next steps")),
)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """One heading. `id` and `condition` are of a step or gate; `template` of "STEP N"."""

    level: int
    text: str
    means: Literal["step", "gate", "section"]
    id: str = ""
    title: str = ""
    kind: Kind = "prose"
    condition: str = ""
    template: bool = False


def heading(row: str, inside: Kind) -> Heading | None:
    """The heading that a line is; None when it is none. `inside`: the kind of the section around it."""
    found = _HEADING.match(row)
    if not found:
        return None
    level, text = len(found[1]), bare(found[2])
    words = _TAG.sub("", text)
    step = _STEP.match(words)
    if step and (level > 1 or step[1].lower() == "step"):
        title = step[3] or ""
        return Heading(
            level=level,
            text=text,
            means="step",
            id="" if step[2] in "NX" else step[2],
            title=title.strip(),
            condition=_condition(title),
            template=step[2] in "NX",
        )
    gate = _GATE.match(words)
    if gate and level > 1:
        return Heading(level=level, text=text, means="gate", id=gate[1], title=(gate[2] or "").strip())
    numbered = _NUMBERED.match(words)
    if numbered and inside == "steps" and level > 2:
        title = numbered[2]
        return Heading(
            level=level, text=text, means="step", id=numbered[1], title=title, condition=_condition(title)
        )
    name = numbered[2] if numbered else words
    return Heading(
        level=level, text=text, means="section", title=name, kind=kind_of(name) if level > 1 else "prose"
    )


def bare(text: str) -> str:
    """A heading's text without markup around the whole of it, keycaps and pictures before it."""
    text = _KEYCAP.sub(" ", text).replace("\N{NO-BREAK SPACE}", " ").strip()
    for mark in ("**", "__", "`"):
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            text = text[len(mark) : -len(mark)].strip()
    while text and not (text[0].isalnum() or text[0] in "[(`*<{'\"_/"):
        text = text[1:].lstrip()
    doubled = re.match(r"^([0-9]{1,3})\s+(?=step\b)", text, re.IGNORECASE)  # "1️⃣ STEP 1:"
    return text[doubled.end() :] if doubled else text


def kind_of(name: str) -> Kind:
    """The kind of section that a heading names; whole words, the first row that fits."""
    words = f" {' '.join(re.findall(r'[a-z-]+', name.lower()))} "
    for kind, names in _KINDS:
        if any(f" {one} " in words or f" {one}s " in words for one in names):
            return kind
    return "prose"


def phase_of(title: str) -> str:
    """The phase that a title names, as text."""
    found = _PHASE.search(title)
    return found[1] if found else ""


def required(text: str) -> tuple[bool | None, str]:
    """Whether a tag at the beginning makes an item required, and the text without it."""
    found = _TAG.match(text)
    return (TAGS[found[1]], text[found.end() :]) if found else (None, text)


def _condition(title: str) -> str:
    found = _CONDITION.search(title)
    return found[1].lower() if found else ""
