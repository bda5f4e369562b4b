"""Which words of a shell script see the script's own arguments: in functions `$1` is the function's.

A function that is called with `"$@"` sees the script's arguments and counts as a part of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from golive.protocol.contracts.shell.words import Word

ALL = frozenset({"$@", "$*", "${@}", "${*}"})
ENDING = frozenset({"exit", "die", "fail", "usage", "error", "err", "abort", "fatal", "bail", "panic"})
OPENING = frozenset({"\n", ";", "&&", "||", "|", "&", "(", ")", ";;", ";&", ";;&", "{", "}", "!"})
STARTING = frozenset({"then", "do", "else", "elif", "if", "while", "until", "in"})


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A script's own words, and its functions."""

    words: tuple[Word, ...]  # everything
    own: tuple[int, ...]  # indexes of the words that see the script's arguments
    functions: frozenset[str]
    ending: frozenset[str]  # commands and functions that end the script


def layout(words: tuple[Word, ...]) -> Layout:
    bodies = dict(_functions(words))
    inside = _inside(words, bodies)
    called = _called_with_all(words, inside, frozenset(bodies))
    exits = list(accumulate((word.text == "exit" for word in words), initial=0))
    return Layout(
        words=words,
        own=tuple(index for index in range(len(words)) if inside[index] in called),
        functions=frozenset(bodies),
        ending=ENDING | {name for name, (start, end) in bodies.items() if exits[end] > exits[start]},
    )


def _inside(words: Sequence[Word], bodies: dict[str, tuple[int, int]]) -> list[str]:
    """For each word the innermost function around it; "" for none."""
    starts = {start: (name, end) for name, (start, end) in bodies.items()}
    found: list[str] = []
    around: list[tuple[str, int]] = []
    for index in range(len(words)):
        if index in starts:
            around.append(starts[index])
        while around and around[-1][1] <= index:
            around.pop()
        found.append(around[-1][0] if around else "")
    return found


def is_command(words: Sequence[Word], index: int) -> bool:
    """Whether a command begins at this word."""
    if index == 0:
        return True
    before = words[index - 1].text
    return before in OPENING or before in STARTING


def _functions(words: tuple[Word, ...]) -> Iterable[tuple[str, tuple[int, int]]]:
    """Names with the indexes around their bodies."""
    closing = _braces(words)
    for index, word in enumerate(words):
        if word.kind != "word":
            continue
        after = [one.text for one in words[index + 1 : index + 3]]
        if after == ["(", ")"] and is_command(words, index):
            name, start = word.text, index + 3
        elif word.text == "function" and is_command(words, index) and index + 1 < len(words):
            name, start = words[index + 1].text, index + 2
            start += 2 if [one.text for one in words[start : start + 2]] == ["(", ")"] else 0
        else:
            continue
        while start < len(words) and words[start].kind == "end":
            start += 1
        if start in closing:
            yield name, (start + 1, closing[start])


def _braces(words: tuple[Word, ...]) -> dict[int, int]:
    closing: dict[int, int] = {}
    opened: list[int] = []
    for index, word in enumerate(words):
        if word.text == "{":
            opened.append(index)
        elif word.text == "}" and opened:
            closing[opened.pop()] = index
    return closing


def _called_with_all(words: tuple[Word, ...], inside: Sequence[str], functions: frozenset[str]) -> set[str]:
    """The script itself (""), and the functions that are given all its arguments."""
    calls: dict[str, set[str]] = {}
    command = ""
    for index, word in enumerate(words):
        if word.kind == "word" and word.text in functions and is_command(words, index):
            command = word.text
        elif word.kind != "word":
            command = ""
        elif command and word.plain in ALL:
            calls.setdefault(inside[index], set()).add(command)
    called, waiting = {""}, [""]
    while waiting:
        for name in calls.get(waiting.pop(), set()) - called:
            called.add(name)
            waiting.append(name)
    return called
