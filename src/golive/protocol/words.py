"""The words of a command as a document writes them: quotes, placeholders, and nothing else of a shell.

    command     = word *( blanks word )
    word        = 1*( bare / "'" … "'" / '"' … '"' / placeholder )
    placeholder = "<" name ">" / "{" NAME "}"

What only a shell understands (`;`, `|`, `$( )`, globs, backslashes …) is a finding of severity error, as is what
cannot be seen: such a command is not run. Source: the directive grammar of the protocol family.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from golive.protocol.document import Finding, Place, Placeholder

SHELL = frozenset(";|&$()`><*?[]\\!#~")
EXPANDS = frozenset("$`\\")  # also inside of double quotes
_PLACEHOLDER = re.compile(r"<([A-Za-z][\w. -]{0,60})>|\{([A-Za-z][A-Za-z0-9_ ]{0,60})\}")


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of one command, with what is open or wrong in them."""

    argv: tuple[str, ...]
    placeholders: tuple[Placeholder, ...]
    findings: tuple[Finding, ...]


def words(text: str, at: Place) -> Words:
    """The words of `text`, which begins at `at`."""
    reading = _Reading(text=text, at=at)
    reading.read()
    findings = (*hidden(text, at), *reading.findings)
    return Words(argv=tuple(reading.argv), placeholders=tuple(reading.placeholders), findings=findings)


def hidden(text: str, at: Place) -> Iterator[Finding]:
    """Characters that a reader does not see, or that move what a reader sees; the first of each kind."""
    told = set()
    for number, char in enumerate(text):
        kind = unicodedata.category(char) if char > "~" or char < " " else ""
        rule = {"Cf": "hidden-character", "Cc": "control-character", "Cs": "undecodable"}.get(kind, "")
        if char == "\N{NO-BREAK SPACE}":
            rule = "hidden-character"
        if rule and char != "\t" and rule not in told:
            told.add(rule)
            yield Finding(
                rule=rule,
                severity="error",
                at=Place(line=at.line, column=at.column + number),
                what=f"there is a character here that cannot be seen: U+{ord(char):04X}",
                why="what is run must be what is read",
                next="type the command anew",
            )


@dataclass(kw_only=True)
class _Reading:
    text: str
    at: Place
    argv: list[str] = field(default_factory=list)
    placeholders: list[Placeholder] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _word: list[str] | None = None
    _i: int = 0

    def read(self) -> None:
        while self._i < len(self.text):
            char = self.text[self._i]
            if char in " \t":
                self._end()
                self._i += 1
            elif char in "'\"":
                self._quoted(char)
            elif match := _PLACEHOLDER.match(self.text, self._i):
                self._hole(match)
            else:
                self._bare(char)
        self._end()

    def _end(self) -> None:
        if self._word is not None:
            self.argv.append("".join(self._word))
        self._word = None

    def _add(self, text: str) -> None:
        self._word = [*self._word, text] if self._word is not None and len(self._word) < 2 else self._joined(text)

    def _joined(self, text: str) -> list[str]:
        return ["".join(self._word) + text] if self._word else [text]

    def _bare(self, char: str) -> None:
        if char in SHELL and not (char in "#~!" and self._word):
            self._shell(char)
        self._add(char)
        self._i += 1

    def _quoted(self, quote: str) -> None:
        end = self.text.find(quote, self._i + 1)
        if end < 0:
            self._finding("open-quote", f"the quote {quote} is not closed", "close it")
            end = len(self.text)
        inner = self.text[self._i + 1 : end]
        for char in inner if quote == '"' else "":
            if char in EXPANDS:
                self._shell(char)
                break
        for match in _PLACEHOLDER.finditer(inner):
            self._open(match, self._i + 1)
        self._add(inner)
        self._i = end + 1

    def _hole(self, match: re.Match[str]) -> None:
        self._open(match, 0)
        self._add(match[0])
        self._i = match.end()

    def _open(self, match: re.Match[str], offset: int) -> None:
        place = Place(line=self.at.line, column=self.at.column + offset + match.start())
        self.placeholders.append(Placeholder(name=match[1] or match[2], text=match[0], at=place))

    def _shell(self, char: str) -> None:
        if not any(finding.rule == "shell-word" for finding in self.findings):
            what = f"{char!r} means something only to a shell, and no shell is used"
            self._finding("shell-word", what, "write one command with plain words; quote what is meant literally")

    def _finding(self, rule: str, what: str, next: str) -> None:
        place = Place(line=self.at.line, column=self.at.column + self._i)
        why = "a command is a list of words that is executed as it stands"
        self.findings.append(Finding(rule=rule, severity="error", at=place, what=what, why=why, next=next))
