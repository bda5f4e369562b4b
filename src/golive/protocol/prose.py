"""The lines of a Markdown text that a person reads as sentences: without code, comments and markup."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.protocol.briefwords import OUT_OF_SCOPE

MOST_CHARACTERS = 2000  # of a line; what is longer is cut, so that no line takes long

_FENCE = re.compile(r"^[ \t>]*(?:[-*+][ \t]+)?(`{3,}|~{3,})")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BOLD_LINE = re.compile(r"^\W*(?:\*\*|__)[^*_]+(?:\*\*|__):?\s*$")
_MARKUP = re.compile(r"[*_`|>]+|^\s*(?:[-+]|\d+[.)])\s+(?:\[[ xX]\]\s*)?|\[(?=[^\]]*\]\()|\]\([^)]*\)")
_CLAUSE = re.compile(r"(?<=[.;!?])\s+|;|\bbut\b|\bhowever\b|\balthough\b|\bexcept\b", re.IGNORECASE)
_DEEPER = 7  # a bold line, below every heading


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line with words in it. `out_of_scope`: it stands under a heading that rules out what it lists."""

    number: int
    text: str
    heading: bool = False
    out_of_scope: bool = False

    @property
    def clauses(self) -> tuple[str, ...]:
        return tuple(part for part in _CLAUSE.split(self.text) if part.strip())


def prose(lines: Sequence[str], first: int) -> tuple[Line, ...]:
    """The lines from number `first` on."""
    found: list[Line] = []
    ruled_out = 0  # the level of the heading that rules out what follows; 0 when none does
    for number, text in _read(lines, first):
        level = _level(text)
        if level and (not ruled_out or level <= ruled_out):
            ruled_out = level if OUT_OF_SCOPE.match(_plain(text)) else 0
        plain = _plain(text)
        if plain:
            found.append(Line(number=number, text=plain, heading=bool(level), out_of_scope=bool(ruled_out)))
    return tuple(found)


def _read(lines: Sequence[str], first: int) -> Iterator[tuple[int, str]]:
    """Lines outside fences and comments."""
    fence, comment = "", False
    for number, line in enumerate(lines[first - 1 :], first):
        text = line[:MOST_CHARACTERS]
        mark = _FENCE.match(text)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
            continue
        if mark and not comment:
            fence = mark[1]
            continue
        text, comment = _uncommented(text, comment)
        yield number, text


def _uncommented(text: str, inside: bool) -> tuple[str, bool]:
    """The line without comments, and whether one goes on in the next line."""
    kept = ""
    while text:
        before, sign, text = text.partition("-->" if inside else "<!--")
        kept += "" if inside else before
        inside = inside ^ bool(sign)
    return kept, inside


def _level(text: str) -> int:
    heading = _HEADING.match(text)
    if heading:
        return len(heading[1])
    return _DEEPER if _BOLD_LINE.match(text) else 0


def _plain(text: str) -> str:
    heading = _HEADING.match(text)
    return " ".join(_MARKUP.sub(" ", heading[2] if heading else text).split())
