"""One directive as a program, a script and its words, each with its place in the document."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from golive.protocol.document import Directive, Document, Place

INTERPRETER = re.compile(r"(?:.*/)?(?:python(?:\d(?:\.\d+)?)?|sh|bash|dash|zsh|ksh)")
NEAR = 200  # characters between two words, or between the braces and the first
SCRIPT_ENDINGS = (".py", ".sh", ".bash")
RUN = ("directive", "script")  # origins that run without being asked for; the others are commands found, not run


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """What a directive starts. `script` is "" where it names none, as `python3 -m shop` does."""

    directive: Directive
    interpreter: str  # "" when the script is executed directly
    script: str
    words: tuple[str, ...]
    at: Place  # of the script's name
    places: tuple[Place, ...]  # of the words

    @property
    def is_program(self) -> bool:
        """A bare name that PATH leads to."""
        return "/" not in self.script and not self.script.endswith(SCRIPT_ENDINGS)


def invocations(document: Document) -> tuple[Invocation, ...]:
    """Those of the directives that run, in the order of the file."""
    lines = document.text.split("\n")
    return tuple(invocation(one, lines) for one in document.directives if one.origin in RUN and one.argv)


def invocation(directive: Directive, lines: Sequence[str]) -> Invocation:
    """One directive; `lines` are those of the whole document."""
    places = _places(directive, lines)
    first = _script_index(directive.argv)
    script = directive.argv[first] if first < len(directive.argv) else ""
    return Invocation(
        directive=directive,
        interpreter=directive.argv[0] if first else "",
        script=script.removeprefix("./"),
        words=directive.argv[first + 1 :],
        at=places[first] if first < len(places) else places[0],
        places=places[first + 1 :],
    )


def _script_index(argv: tuple[str, ...]) -> int:
    """0, or behind an interpreter and its switches; past the end when it is given no file."""
    if not INTERPRETER.fullmatch(argv[0]):
        return 0
    for index, word in enumerate(argv[1:], start=1):
        if not word.startswith("-"):
            return index
        if word in {"-c", "-m"}:
            break
    return len(argv)


def _places(directive: Directive, lines: Sequence[str]) -> tuple[Place, ...]:
    """Where each word stands on the directive's line; a word that is quoted in parts stands at the directive."""
    line = lines[directive.at.line - 1] if 0 < directive.at.line <= len(lines) else ""
    found: list[Place] = []
    cursor = directive.at.column - 1
    for word in directive.argv:
        column = line.find(word, cursor, cursor + len(word) + NEAR)
        if column < 0 or not word:
            found.append(directive.at)
            cursor += len(word)
        else:
            found.append(Place(line=directive.at.line, column=column + 1))
            cursor = column + len(word)
    return tuple(found)
