"""The words of a command as a document writes them: quotes and placeholders, and nothing else of a shell.

What only a shell would understand is an error, and the command then has no words at all: it cannot be run by
mistake. One pass over the text, so the cost is linear.
"""

import re
from dataclasses import dataclass
from typing import Literal

from golive.protocol.document import Directive, Finding, Origin, Place, Placeholder

HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
HOLE = re.compile(r"<([A-Za-z_][\w-]*(?: [\w-]+)*)>|\{([A-Za-z_]\w*)\}")
PLAIN = re.compile(r"""[^\s"'<{;|&$`>*?\[\]()\\~!#}]+""")


@dataclass(frozen=True, kw_only=True)
class Command:
    """A directive, and what there is to say about its words."""

    directive: Directive
    findings: tuple[Finding, ...]


def command(text: str, at: Place, origin: Origin = "directive", column: int = 1) -> Command:
    """Read one command whose text begins at `column` of the line of `at`."""
    severity: Literal["error", "warning"] = "warning" if origin == "inline" else "error"
    argv, holes, faults = _split(text)
    if not text.isprintable():  # all that is hidden or controls is not
        faults += [(m.start(), "hidden-character", f"U+{ord(m[0]):04X} is hidden") for m in HIDDEN.finditer(text)]
        faults += [
            (m.start(), "control-character", f"U+{ord(m[0]):04X} is no text") for m in CONTROL.finditer(text)
        ]
    if not argv and not faults:
        faults.append((0, "empty-directive", "there is no command"))
    first = {rule: (offset, what) for offset, rule, what in sorted(faults, reverse=True)}  # one of each rule
    findings = [
        Finding(
            rule=rule,
            severity=severity,
            at=Place(line=at.line, column=column + offset),
            what=what,
            why="a command is run as words, never by a shell",
            next="quote the character, or move the work into a script",
        )
        for rule, (offset, what) in first.items()
    ]
    placeholders = tuple(
        Placeholder(name=m[1] or m[2], text=m[0], at=Place(line=at.line, column=column + m.start())) for m in holes
    )
    words = () if faults else tuple(argv)
    made = Directive(argv=words, text=text, at=at, origin=origin, placeholders=placeholders)
    return Command(directive=made, findings=tuple(findings))


def closing_brace(line: str) -> int:
    """Where the brace that opens the line is closed, counting those inside; -1 where it is not."""
    depth, quote = 0, ""
    for index, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "{}":
            depth += 1 if char == "{" else -1
            if depth == 0:
                return index
    return -1


def _split(text: str) -> tuple[list[str], list[re.Match[str]], list[tuple[int, str, str]]]:
    words: list[str] = []
    parts: list[str] | None = None  # None between words; an empty pair of quotes is a word
    holes: list[re.Match[str]] = []
    faults: list[tuple[int, str, str]] = []
    index = 0
    while index < len(text):
        char = text[index]
        if char.isspace():
            if parts is not None:
                words.append("".join(parts))
            parts, index = None, index + 1
            continue
        parts = [] if parts is None else parts
        if char in "\"'":
            index = _quoted(text, index, parts, faults)
        elif hole := HOLE.match(text, index):
            holes.append(hole)
            parts.append(hole[0])
            index = hole.end()
        elif plain := PLAIN.match(text, index):
            parts.append(plain[0])
            index = plain.end()
        else:
            faults.append((index, "shell-word", f"{char} outside quotes is a word for a shell"))
            index += 1
    if parts is not None:
        words.append("".join(parts))
    return words, holes, faults


def _quoted(text: str, start: int, parts: list[str], faults: list[tuple[int, str, str]]) -> int:
    end = text.find(text[start], start + 1)
    if end < 0:
        faults.append((start, "unclosed-quote", f"the quote {text[start]} is not closed"))
        return len(text)
    inside = text[start + 1 : end]
    if text[start] == '"' and ("$(" in inside or "`" in inside or "${" in inside):
        faults.append((start, "shell-word", "a substitution inside double quotes is for a shell"))
    parts.append(inside)
    return end + 1
