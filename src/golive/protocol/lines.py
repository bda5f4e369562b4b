"""The lines of a document, and which of them are text: not fences, not comments, not front matter.

One pass. A fence is closed by a run of its own character that is at least as long, or by the end of the list item
that holds it; an HTML comment by its own mark. What is hidden by a comment is blanked, so columns stay true.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from golive.protocol.document import Fence, Finding, Place
from golive.protocol.front import front_matter

ENDS = re.compile(r"\r\n|\n|\r")
OPEN = re.compile(r"[ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})([^\r\n]*)")
MARKER = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
NAME = re.compile(r"""\bname["']?\s*[=:]\s*["']?([\w./-]{1,100})""")
SHELLS = frozenset({"sh", "bash", "shell", "zsh", "console", "shell-session"})


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line that is text; comments in it are blanks."""

    number: int
    text: str


@dataclass(kw_only=True)
class Scan:
    """What the scan found; it grows while the lines are read."""

    lines: list[Line] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    front: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Opened:
    run: str
    info: str
    line: int
    column: int
    offset: int  # the column at which the list item begins that holds the fence; 0 outside of lists
    body: list[str]
    quoted: bool


def scan(text: str) -> Scan:
    """Read all lines of a text once."""
    found = Scan()
    rows = ENDS.split(text)
    if rows and rows[0].startswith("\ufeff"):
        rows[0] = rows[0][1:]
        _find(found, "byte-order-mark", "note", 1, 1, "the file begins with a byte-order mark")
    start = front_matter(rows, found.front, found.findings)
    last_close = max((n for n in range(start, len(rows)) if "-->" in rows[n]), default=-1)
    fence: _Opened | None = None
    comment, offsets = 0, [0]
    for index in range(start, len(rows)):
        row = rows[index]
        if not row and fence is None and not comment:  # one of several says as much as all of them
            if found.lines and found.lines[-1].text:
                found.lines.append(Line(number=index + 1, text=row))
            continue
        if fence is not None:
            fence, consumed = _inside(found, fence, row)
            if consumed:
                continue
        if not comment and (opened := _opening(row, index + 1, offsets)):
            fence = opened
            continue
        row, comment = _without_comments(row, comment, index + 1)
        if not comment:
            _follow(row, offsets)
        elif index >= last_close and comment == index + 1:
            _find(found, "unclosed-comment", "error", comment, 1, "a comment is not closed; the rest is not read")
        found.lines.append(Line(number=index + 1, text=row))
    if fence is not None:
        _close(found, fence, closed=False)
    return found


def commands(fence: Fence) -> tuple[str, ...]:
    """The lines of a shell fence; a `$ ` before them goes only where all that are commands have it."""
    if fence.language not in SHELLS:
        return ()
    rows = [row for row in ENDS.split(fence.body) if row.strip() and not row.lstrip().startswith("#")]
    prompted = bool(rows) and all(row.startswith("$ ") for row in rows)
    return tuple(row[2:] if prompted else row for row in rows)


def _inside(found: Scan, fence: _Opened, row: str) -> tuple[_Opened | None, bool]:
    bare = row.strip().lstrip("> ") if fence.quoted else row.strip()
    near = fence.quoted or _indent(row) <= max(fence.offset, fence.column - 1) + 3
    if near and len(bare) >= len(fence.run) and bare == fence.run[0] * len(bare):
        _close(found, fence, closed=True)
        return None, True
    left = _indent(row) < fence.offset and row.strip()
    if left or (fence.quoted and not row.lstrip().startswith(">")):
        _close(found, fence, closed=False)  # what held the fence has ended, and the fence with it
        return None, False
    fence.body.append(row)
    return fence, True


def _opening(row: str, number: int, offsets: list[int]) -> _Opened | None:
    match = OPEN.match(row)
    if match is None or (match[1][0] == "`" and "`" in match[2]):
        return None
    indent = _indent(row)
    while offsets[-1] > indent:
        offsets.pop()
    if indent - offsets[-1] > 3 and len(offsets) == 1:
        return None
    marker = MARKER.match(row)
    offset = marker.end() if marker else offsets[-1]
    quoted = row.lstrip().startswith(">")
    return _Opened(
        run=match[1],
        info=match[2].strip(),
        line=number,
        column=match.start(1) + 1,
        offset=offset,
        body=[],
        quoted=quoted,
    )


def _follow(row: str, offsets: list[int]) -> None:
    if not row.strip():
        return
    indent = _indent(row)
    while offsets[-1] > indent:
        offsets.pop()
    if marker := MARKER.match(row):
        offsets.append(marker.end())


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip(" \t"))


def _without_comments(row: str, comment: int, number: int) -> tuple[str, int]:
    if not comment and "<!--" not in row:
        return row, 0
    kept: list[str] = []
    index = 0
    while index < len(row):
        if comment:
            end = row.find("-->", index)
            stop = len(row) if end < 0 else end + 3
            kept.append(" " * (stop - index))
            comment = comment if end < 0 else 0
        else:
            begin = row.find("<!--", index)
            stop = len(row) if begin < 0 else begin
            kept.append(row[index:stop])
            if begin >= 0 and sum(part.count("`") for part in kept[-1:]) % 2:
                kept.append("<!--")  # inside inline code
                stop += 4
            elif begin >= 0:
                kept.append("    ")
                stop, comment = stop + 4, number
        index = stop
    return "".join(kept), comment


def _close(found: Scan, fence: _Opened, *, closed: bool) -> None:
    name = NAME.search(fence.info[:500])
    language = fence.info[:200].split("{")[0].split()
    found.fences.append(
        Fence(
            language=language[0].lower() if language else "",
            name=name[1] if name else "",
            body="\n".join(fence.body),
            at=Place(line=fence.line, column=fence.column),
            closed=closed,
        )
    )
    if not closed:
        _find(found, "unclosed-fence", "error", fence.line, fence.column, "a fence is not closed")


def _find(found: Scan, rule: str, severity: Literal["error", "note"], line: int, column: int, what: str) -> None:
    found.findings.append(Finding(rule=rule, severity=severity, at=Place(line=line, column=column), what=what))
