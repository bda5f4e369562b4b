"""The lines of a document, each with what it is: text, or inside of a fence, a comment, or front matter.

One pass, forwards. Directives live in text lines only. Fences follow CommonMark 0.31, section 4.5: a run of the
same character that is at least as long closes one; a fence in a list item ends with that item. A comment that
begins a line goes on until `-->`, wherever that is; one within a line must end in its paragraph.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from golive.protocol.document import Fence, Finding, Place

Kind = Literal["text", "fence", "comment", "front"]
_FENCE = re.compile(r"^([ \t]*)(?:>[ \t]?)*(`{3,}|~{3,})([^\n]*)$")
_ITEM = re.compile(r"^([ \t]*)(?:[-*+]|[0-9]{1,9}[.)])([ \t]+)")
_NAMED = re.compile(r"""["']?name["']?\s*[=:]\s*["']?([\w./-]{1,80})["']?""")
MOST_FRONT = 400  # lines


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line without its end, and without comments that stand within it (blanks are put in their place)."""

    number: int
    text: str
    kind: Kind


@dataclass(kw_only=True)
class Scan:
    """What the lines of a document are."""

    lines: list[Line] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    front: Mapping[str, object] = field(default_factory=dict)


def scan(rows: Sequence[str], mapping: Callable[[str], Mapping[str, object] | None]) -> Scan:
    """Look at every line once. `rows` are the lines without their ends; `mapping` reads front matter as YAML.

    What begins like front matter and is none is text.
    """
    reading = _Reading(rows=rows, mapping=mapping)
    reading.read()
    return reading.found


def rows_of(text: str) -> list[str]:
    """The lines of a text; only the ends that Markdown knows count (LF, CR LF, CR)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@dataclass(kw_only=True)
class _Reading:
    rows: Sequence[str]
    mapping: Callable[[str], Mapping[str, object] | None]
    found: Scan = field(default_factory=Scan)
    _at: int = 0  # index of the next row
    _offset: int = 0  # where the content of the list item begins; 0 outside of lists
    _ends: list[int] = field(init=False)  # rows with the end of a comment
    _blanks: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._ends = [i for i, row in enumerate(self.rows) if "-->" in row]
        self._blanks = [i for i, row in enumerate(self.rows) if not row.strip()]

    def read(self) -> None:
        self._front()
        while self._at < len(self.rows):
            row = self.rows[self._at]
            fence = _FENCE.match(row)
            if fence and not (fence[2][0] == "`" and "`" in fence[3]):
                self._fence(fence)
            elif row.lstrip(" ").startswith("<!--") and len(row) - len(row.lstrip(" ")) < 4:
                self._comment(row)
            else:
                self._text(row)

    def _front(self) -> None:
        """`---` on the first line, and again later, with a mapping in between."""
        if self.rows[0].removeprefix("\ufeff").rstrip() != "---":
            return
        for end in range(1, min(len(self.rows), MOST_FRONT)):
            if self.rows[end].rstrip() in ("---", "..."):
                found = self.mapping("\n".join(self.rows[1:end]))
                if found is not None:
                    self.found.front = found
                    for index in range(end + 1):
                        self._put(index, self.rows[index], "front")
                    self._at = end + 1
                return

    def _fence(self, opened: re.Match[str]) -> None:
        begin, run, info = self._at, opened[2], opened[3].strip()
        indent = _width(opened[1])
        inside = self._offset if indent >= self._offset > 0 else 0
        end, closed = begin + 1, False
        while end < len(self.rows):
            row = self.rows[end]
            if _closes(row, run):
                closed = True
                break
            if inside and row.strip() and _width(row[: len(row) - len(row.lstrip())]) < inside:
                break
            end += 1
        body = self.rows[begin + 1 : end]
        stop = end + 1 if closed else end
        for index in range(begin, stop):
            self._put(index, self.rows[index], "fence")
        language, name = _named(info)
        place = Place(line=begin + 1, column=len(opened[1]) + 1)
        self.found.fences.append(
            Fence(language=language, name=name, body="\n".join(body), at=place, closed=closed)
        )
        if not closed:
            self._finding("unclosed-fence", place, "this fence is never closed", f"end it with {run} on a line")
        self._at = stop

    def _comment(self, row: str) -> None:
        begin = self._at
        end = begin if "-->" in row[row.find("<!--") + 4 :] else self._next(self._ends, begin + 1)
        if end is None:
            place = Place(line=begin + 1, column=row.find("<!--") + 1)
            self._finding("unclosed-comment", place, "this comment is never closed", "end it with -->")
            end = len(self.rows) - 1
        for index in range(begin, end + 1):
            self._put(index, self.rows[index], "comment")
        self._at = end + 1

    def _text(self, row: str) -> None:
        index = self._at
        item = _ITEM.match(row)
        if item:
            self._offset = _width(row[: item.end()])
        elif row.strip() and not row[0].isspace():
            self._offset = 0 if index in self._after_blank() else self._offset
        text, last = self._without_comments(row, index)
        self._put(index, text, "text")
        for inner in range(index + 1, last + 1):
            self._put(inner, self.rows[inner], "comment")
        self._at = last + 1

    def _after_blank(self) -> range:
        """Whether the row before this one is blank, as a range that holds this row or nothing."""
        return range(self._at, self._at + 1) if self._at == 0 or not self.rows[self._at - 1].strip() else range(0)

    def _without_comments(self, row: str, index: int) -> tuple[str, int]:
        """The row with blanks for comments in it, and the last row that its last comment reaches."""
        pieces, start, ticks = [], 0, 0
        while (begin := row.find("<!--", start)) >= 0:
            ticks += row.count("`", start, begin)
            if ticks % 2:  # inside of code it is a mention
                pieces.append(row[start : begin + 4])
                start = begin + 4
                continue
            pieces.append(row[start:begin])
            end = row.find("-->", begin + 4)
            if end < 0:
                closing, blank = self._next(self._ends, index + 1), self._next(self._blanks, index + 1)
                if closing is not None and (blank is None or closing < blank):
                    return "".join(pieces), closing
                return "".join((*pieces, row[begin:])), index
            pieces.append(" " * (end + 3 - begin))
            start = end + 3
        return "".join((*pieces, row[start:])) if pieces else row, index

    def _next(self, rows: list[int], begin: int) -> int | None:
        place = bisect_left(rows, begin)
        return rows[place] if place < len(rows) else None

    def _put(self, index: int, text: str, kind: Kind) -> None:
        self.found.lines.append(Line(number=index + 1, text=text, kind=kind))

    def _finding(self, rule: str, place: Place, what: str, next: str) -> None:
        why = "everything behind it is no instruction any more"
        self.found.findings.append(Finding(rule=rule, severity="error", at=place, what=what, why=why, next=next))


def text_lines(lines: Sequence[Line]) -> Iterator[Line]:
    """Those that may hold instructions."""
    return (line for line in lines if line.kind == "text")


def _closes(row: str, run: str) -> bool:
    """Whether a row ends the fence that `run` opened."""
    marks = row.strip(" \t>")
    return len(marks) >= len(run) and marks == run[0] * len(marks)


def _width(blanks: str) -> int:
    """Columns of blanks; a tab goes on to the next multiple of four."""
    width = 0
    for char in blanks:
        width += 4 - width % 4 if char == "\t" else 1
    return width


def _named(info: str) -> tuple[str, str]:
    """The language of a fence, and its name where one is given (`sh {"name":"deploy"}`, `bash deploy`)."""
    language, _, rest = info.partition(" ")
    language = language.partition("{")[0]
    found = _NAMED.search(info)
    if found:
        return language.lower(), found[1]
    word = rest.strip().partition(" ")[0]
    return language.lower(), word if re.fullmatch(r"[\w./-]{1,80}", word) else ""
