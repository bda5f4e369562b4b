"""List items and table rows: the number, the box, the tag, and what is said below them."""

import re
from dataclasses import dataclass, field

from golive.protocol.document import Item, Place

ITEM = re.compile(r"([ \t]*)(?:(\d{1,9}(?:\.\d{1,9})*)[.)]|[-*+])[ \t]+")
BOX = re.compile(r"(?:\[([ xX])\]|([☐☑☒]))\s+")
DOTTED = re.compile(r"(\d{1,9}(?:\.\d{1,9})+)\s+")
TAG = re.compile(r"[*`]*\[(STRICT|MUST|CRITICAL|REQUIRED|MANDATORY|GUIDELINE)\][*`]*\s*", re.I)
LABEL = re.compile(r"[*_]*(action|communication|halt condition|halt|evidence)\s*:[*_]*\s*", re.I)
HALT = re.compile(r"\*\*.{0,80}\b(halt|stop and await|await)\b", re.I)
CODE = re.compile(r"`([^`\n]{1,2000})`")
COMMAND = re.compile(r"(?:python3?|bash|sh|node|make)\s+\S|(?:[\w./-]*/)?[\w.-]+\.(?:py|sh|js|ts|rb)\s+\S")
RUN = re.compile(r"(?:\b(?:run|execute|command)|script\s*):?[*\s]*$", re.I)


@dataclass(kw_only=True)
class Draft:
    """An item while its lines are read."""

    at: Place
    indent: int
    number: str = ""
    required: bool | None = None
    ticked: bool | None = None
    parts: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)

    def item(self) -> Item:
        """The item as a value."""
        return Item(
            text=" ".join(self.parts),
            at=self.at,
            number=self.number,
            required=self.required,
            ticked=self.ticked,
            action=self.labels.get("action", ""),
            communication=self.labels.get("communication", ""),
            halt=self.labels.get("halt condition", self.labels.get("halt", "")),
            evidence=tuple(self.evidence),
        )


def begin(line: str, number: int) -> Draft | None:
    """The item that a line begins, or None."""
    match = ITEM.match(line)
    if match is None:
        return None
    draft = Draft(at=Place(line=number, column=len(match[1]) + 1), indent=len(match[1]), number=match[2] or "")
    text = line[match.end() :].strip()
    if box := BOX.match(text):
        draft.ticked = (box[1] or box[2]) not in (" ", "☐")
        text = text[box.end() :]
    if not draft.number and (dotted := DOTTED.match(text)):
        draft.number = dotted[1]
        text = text[dotted.end() :]
    if tag := TAG.search(text[:120]):
        draft.required = tag[1].upper() != "GUIDELINE"
        text = (
            text[: tag.start()]
            + ("**" if "**" in tag[0] and text.count("**") % 2 == 0 else "")
            + text[tag.end() :]
        )
    draft.parts.append(text)
    return draft


def row(line: str, number: int) -> Draft:
    """The item that a table row is: its number, where the first cell is one, and the next cell."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    numbered = len(cells) > 1 and re.fullmatch(r"\d{1,9}(?:\.\d{1,9})*", cells[0]) is not None
    draft = Draft(at=Place(line=number, column=len(line) - len(line.lstrip()) + 1), indent=0)
    draft.number = cells[0] if numbered else ""
    draft.parts.append(cells[1] if numbered else cells[0])
    draft.ticked = False if "☐" in cells else True if "☑" in cells else None
    return draft


def told(draft: Draft, text: str) -> bool:
    """Whether a line says something of the item above it; then the item keeps it."""
    label = LABEL.match(text)
    if label is None:
        return False
    name, rest = label[1].lower(), text[label.end() :].strip()
    if name == "evidence":
        draft.evidence.extend(CODE.findall(rest) or ([rest] if rest else []))
    else:
        draft.labels.setdefault(name, rest)
    return True


def inline_commands(line: str) -> list[tuple[str, int, bool]]:
    """Commands in inline code: text, column, and whether the line is the `Script:` of a gate."""
    found = []
    for match in CODE.finditer(line):
        before = line[max(0, match.start() - 40) : match.start()]
        asked = bool(RUN.search(before)) and match[1][0] not in "/{"
        if asked or COMMAND.match(match[1]):
            script = bool(re.search(r"[-*+]\s+\**Script\**:\**\s*$", before))
            found.append((match[1], match.start(1) + 1, script))
    return found
