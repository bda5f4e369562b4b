"""Which variables of a shell script are looked at after they are set, and which are only told about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.protocol.contracts.contract import is_promise
from golive.protocol.contracts.shell.layout import is_command
from golive.protocol.contracts.shell.words import Word

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]\n]*\])?\+?=")
REFERENCE = re.compile(r"\$\{?[#!]?([A-Za-z_]\w*)")
BARE = re.compile(r"!?([A-Za-z_]\w*)(?:[-+*/%=<>!]+\w+)?")  # as in `(( DRY_RUN ))` and `[[ -v DRY_RUN ]]`
TELLING = ("echo", "printf", "log", "info", "log_info", "warn", "say", "print")
GOING_ON = frozenset({"\n", ";", "&&", "||", ";;", ";&", ";;&", "}"})  # what may follow a command that only tells


def assigned(words: Sequence[Word]) -> tuple[str, ...]:
    """The variables that these words set."""
    return tuple(found.group(1) for word in words if (found := ASSIGNMENT.match(word.text)))


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The variables of a whole script that something looks at."""

    acted: frozenset[str]
    told: frozenset[str]  # in commands that only print

    def at(self, name: str, flags: tuple[str, ...]) -> bool:
        """Whether something comes of a variable. For a promise, telling about it is nothing."""
        return name in self.acted or (not is_promise(flags) and name in self.told)


def looked_at(words: Sequence[Word]) -> Looked:
    acted: set[str] = set()
    told: set[str] = set()
    telling = _told(words)
    for index, word in enumerate(words):
        if word.kind == "word":
            (told if index in telling else acted).update(_names(word))
    return Looked(acted=frozenset(acted), told=frozenset(told))


def _names(word: Word) -> Iterator[str]:
    """The variables that one word looks at; not the one that it sets, as in `A="${A:-x}"`."""
    setting = ASSIGNMENT.match(word.text)
    own = setting.group(1) if setting else ""
    rest = word.expanding[setting.end() :] if setting else word.expanding
    for name in REFERENCE.findall(rest):
        if name != own:
            yield name
    bare = BARE.fullmatch(word.text)
    if bare and not setting:
        yield bare.group(1)


def _told(words: Sequence[Word]) -> frozenset[int]:
    """Indexes of the words of commands that only print to the terminal."""
    told: set[int] = set()
    index = 0
    while index < len(words):
        if words[index].text in TELLING and is_command(words, index):
            end = index + 1
            while end < len(words) and words[end].kind == "word":
                end += 1
            if end == len(words) or words[end].text in GOING_ON:
                told.update(range(index, end))
            index = end
        else:
            index += 1
    return frozenset(told)
