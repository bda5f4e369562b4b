"""What one line of a brief says about live operations: yes, no, perhaps, or nothing."""

from collections.abc import Iterator
from typing import Literal

from golive.protocol import briefwords as words
from golive.protocol.prose import Line

Word = Literal["yes", "no", "perhaps"]

NEAR = 160  # characters: how far from a term a negation can stand
ORDER: tuple[Word, ...] = ("yes", "perhaps", "no")  # what a line says that says several things


def word_of(line: Line) -> Word | None:
    """What the terms of the line say together; None when it has none."""
    found = {word for clause in line.clauses for word in _of_clause(clause)}
    if line.out_of_scope or words.RULED_OUT.match(line.text):
        return "no" if found else None
    return next((word for word in ORDER if word in found), None)


def _of_clause(clause: str) -> Iterator[Word]:
    denied, end = False, 0
    text = words.OTHER.sub(lambda match: "x" * len(match[0]), clause)
    perhaps = words.PERHAPS.search(text)
    for term in words.TERM.finditer(text):
        listed = denied and words.JOINED.match(text[end : term.start()])
        denied = bool(listed or words.BEFORE.search(text[max(0, term.start() - NEAR) : term.start()]))
        end = term.end()
        if denied or words.AFTER.match(text[end : end + NEAR]):
            yield "no"
        else:
            yield "perhaps" if perhaps else "yes"
