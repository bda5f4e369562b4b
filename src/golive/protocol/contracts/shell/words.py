"""A shell script cut into words, operators and line ends, each with its line. Here-documents are left out.

Much simpler than a shell: what is inside `"$(…)"` stays one word. It goes once through the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

PIECE = r"""'[^']*'|"[^"\\]*(?:\\.[^"\\]*)*"|\\.|\$\{[^}\n]{0,200}\}|[^\s;&|()<>'"\\]|['"]"""
TOKEN = re.compile(
    rf"(?P<space>[^\S\n]+|\\\r?\n)|(?P<end>\n)|(?P<comment>\#[^\n]*)"
    rf"|(?P<operator>;;&|;;|;&|&&|\|\||<<<|<<-|<<|>>|[;&|()<>])|(?P<word>(?:{PIECE})+)|(?P<other>.)",
    re.DOTALL,
)
PIECES = re.compile(PIECE, re.DOTALL)


class Word(NamedTuple):
    """One token: `text` as written."""

    text: str
    line: int
    kind: Literal["word", "operator", "end"]

    @property
    def plain(self) -> str:
        """Without its quotes."""
        return self.text.replace('"', "").replace("'", "") if self.kind == "word" else self.text

    @property
    def expanding(self) -> str:
        """Without what stands in single quotes or behind a backslash: there, `$1` is no argument."""
        if "'" not in self.text and "\\" not in self.text:
            return self.text
        pieces = (piece.group() for piece in PIECES.finditer(self.text))
        return "".join(piece.replace("\\$", "") for piece in pieces if piece[0] not in "'\\" or piece == "'")


def words(source: str) -> tuple[Word, ...]:
    """The whole script."""
    return tuple(_words(source))


def _words(source: str) -> Iterator[Word]:
    at, line = 0, 1
    endings: list[str] = []  # of here-documents that begin after this line
    lines: _Lines | None = None
    before = ""
    while at < len(source):
        found = TOKEN.match(source, at)
        assert found  # `other` takes whatever is left
        text, kind, at = found.group(), found.lastgroup, found.end()
        if kind == "word" or kind == "operator":
            if before in {"<<", "<<-"} and kind == "word":
                endings.append(text.replace('"', "").replace("'", "").replace("\\", ""))
            yield Word(text, line, "word" if kind == "word" else "operator")
            before = text
        elif kind == "end":
            yield Word("\n", line, "end")
            before = ""
            for ending in endings:
                lines = lines or _Lines(source)
                after = lines.after(ending, at)
                line, at = line + source.count("\n", at, after), after
            endings = []
        line += text.count("\n")


class _Lines:
    """Where lines of each text begin, to find the end of a here-document without searching again."""

    def __init__(self, source: str) -> None:
        self._starts: dict[str, list[tuple[int, int]]] = {}
        at = 0
        for text in source.split("\n"):
            self._starts.setdefault(text.strip(), []).append((at, at + len(text) + 1))
            at += len(text) + 1
        self._end = len(source)

    def after(self, text: str, at: int) -> int:
        """The place after the next line of this text; `at` itself where there is none."""
        found = self._starts.get(text, [])
        index = bisect_right(found, (at, -1))
        return min(found[index][1], self._end) if index < len(found) else at
