"""The `case … in … esac` blocks of a shell script, clause by clause."""

from collections.abc import Sequence
from dataclasses import dataclass

from golive.protocol.contracts.shell.words import Word

CLAUSE_ENDS = frozenset({";;", ";&", ";;&"})


@dataclass(frozen=True, kw_only=True)
class Clause:
    """`--env | -e) …;;`: patterns without quotes, and the words of its body."""

    patterns: tuple[str, ...]
    start: int  # indexes of the body's words
    end: int
    line: int


@dataclass(frozen=True, kw_only=True)
class Case:
    subject: str  # as written, without quotes
    line: int
    start: int
    looped: bool  # inside while, until or for
    clauses: tuple[Clause, ...]


@dataclass(kw_only=True)
class _Open:
    """A case block whose end has not been met."""

    subject: str
    line: int
    start: int
    looped: bool
    clauses: list[Clause]
    patterns: list[str]
    body: int = -1  # index of the body's first word; -1 while patterns are read
    at: int = 0  # line of the pattern


def cases(words: Sequence[Word]) -> tuple[Case, ...]:
    """All blocks in the order in which they end, nested ones too."""
    found: list[Case] = []
    opened: list[_Open] = []
    loops = 0
    index = 0
    while index < len(words):
        word = words[index]
        current = opened[-1] if opened else None
        if word.text == "do" or word.text == "done":
            loops = max(0, loops + (1 if word.text == "do" else -1))
        if word.text == "case" and _has_in(words, index) and (current is None or current.body >= 0):
            subject = words[index + 1].plain
            opened.append(
                _Open(subject=subject, line=word.line, start=index, looped=loops > 0, clauses=[], patterns=[])
            )
            index += 3
            continue
        if current is not None:
            if word.text == "esac":
                found.append(_closed(opened.pop(), index))
            elif current.body < 0:
                _pattern(current, word, index)
            elif word.text in CLAUSE_ENDS:
                _end_clause(current, index)
        index += 1
    return tuple(found)


def _has_in(words: Sequence[Word], index: int) -> bool:
    return index + 2 < len(words) and words[index + 1].kind == "word" and words[index + 2].text == "in"


def _pattern(current: _Open, word: Word, index: int) -> None:
    if word.kind == "word":
        current.patterns.append(word.plain)
        current.at = word.line
    elif word.text == ")":
        current.body = index + 1


def _end_clause(current: _Open, index: int) -> None:
    if current.body >= 0:
        current.clauses.append(
            Clause(patterns=tuple(current.patterns), start=current.body, end=index, line=current.at)
        )
    current.patterns, current.body = [], -1


def _closed(current: _Open, index: int) -> Case:
    _end_clause(current, index)
    return Case(
        subject=current.subject,
        line=current.line,
        start=current.start,
        looped=current.looped,
        clauses=tuple(current.clauses),
    )
