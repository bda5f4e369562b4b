"""What a heading means, in every dialect: a step, a gate, a section of a known kind, or prose."""

import re
from dataclasses import dataclass
from typing import Literal

from golive.protocol.document import Kind

TAG = re.compile(r"\[(STRICT|MUST|CRITICAL|REQUIRED|MANDATORY|GUIDELINE)\]", re.I)
DRESS = re.compile("[*`\ufe0f\u20e3\u200d\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2705]")
ID = r"(\d{1,9}(?:\.\d{1,9})*(?:bis|ter|[A-Za-z])?|[NX])"
STEP = re.compile(rf"(?:{ID}[.)]?\s+)?(STEP|PHASE|TASK)\s+{ID}(?![\w.])\s*(?:[:—–-]\s*)?(.*)", re.I)
GATE = re.compile(rf"Gate\s+{ID}\s*[:—–-]\s*(.*)", re.I)
NUMBERED = re.compile(r"(\d{1,9}(?:\.\d{1,9})*)[.)]?\s+(.*)")
PROTOCOL = re.compile(r"(?:.*\s)?(?:PROTOCOL|PHASE)\s+(\d{1,4})\b", re.I)
CONDITION = re.compile(r"\((conditional|if applicable|optional|where applicable)\)", re.I)
KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("role", re.compile(r"\b(role|mission)\b", re.I)),
    ("prerequisites", re.compile(r"\b(prerequisites?|pre-?flight)\b", re.I)),
    ("gates", re.compile(r"\b(quality gates?|exit criteria|gates?)\b", re.I)),
    ("outputs", re.compile(r"\b(outputs?|deliverables)\b", re.I)),
    ("handoff", re.compile(r"\b(handoff|hand-off|handover|next phase)\b", re.I)),
    ("steps", re.compile(r"\b(execution|steps|process|procedure|workflow|runbook|tasks)\b", re.I)),
)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """One heading, read. `id` and `title` are of the step or gate; `kind` of the section."""

    means: Literal["step", "gate", "section"]
    level: int
    text: str
    title: str
    id: str = ""
    kind: Kind = "prose"
    condition: str = ""
    template: bool = False


def level_of(line: str) -> int:
    """How deep a line stands as a heading; 0 where it is none."""
    bare = line.lstrip(" ") if len(line) - len(line.lstrip(" ")) < 4 else "x"
    level = len(bare[:8]) - len(bare[:8].lstrip("#"))
    return level if 1 <= level <= 6 and bare[level : level + 1] in ("", " ", "\t", "\u00a0") else 0


def read(line: str, level: int, inside: Kind) -> Heading:
    """What the heading means, below a section of the kind `inside`."""
    text = line.strip().lstrip("#").strip().rstrip("#").strip()
    plain = " ".join(TAG.sub("", DRESS.sub("", text[:1000])).split())
    qualifier = CONDITION.search(plain)
    condition = qualifier[1].lower() if qualifier else ""
    if level > 1 and (gate := GATE.fullmatch(plain)):
        return Heading(means="gate", level=level, text=text, id=gate[1], title=gate[2])
    if level > 1 and (step := STEP.fullmatch(plain)):
        template = step[3].upper() in ("N", "X")
        return Heading(
            means="step", level=level, text=text, id=step[3], title=step[4], condition=condition, template=template
        )
    numbered = NUMBERED.fullmatch(plain)
    if level > 2 and numbered and inside == "steps":
        return Heading(
            means="step", level=level, text=text, id=numbered[1], title=numbered[2], condition=condition
        )
    title = numbered[2] if numbered else plain
    return Heading(means="section", level=level, text=text, title=title, kind=_kind(title))


def _kind(title: str) -> Kind:
    return next((kind for kind, pattern in KINDS if pattern.search(title)), "prose")
