"""Holding the words of a directive against a script's contract: what would be refused, dropped or misread.

The words are those after the script. Where they stand in the document is given by `places`, one for each word.
A placeholder (`<artifact>`, `{NAME}`) counts as a value that nobody knows yet.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from golive.protocol.contracts.contract import Contract, Option, is_promise
from golive.protocol.contracts.promises import Line, promises
from golive.protocol.document import Finding, Place
from golive.protocol.rules import finding
from golive.spec.fault import nearest, printable

NUMBER = re.compile(r"-\d+(\.\d*)?|-\.\d+")
PLACEHOLDER = re.compile(r"<[^<>]*>|\{[^{}]*\}")
NUMBERS_ARE_VALUES = (
    "python-argparse",
    "declared",
    "help",
)  # elsewhere `-5` is a flag, unless a flag wants a value
HELP = ("-h", "--help")
MOST_FINDINGS = 20  # in one line: who has read so many stops reading
SHOWN = 60  # characters of a word


def check(
    contract: Contract,
    words: Sequence[str],
    *,
    script: str = "the script",
    at: Place | None = None,
    places: Sequence[Place] = (),
) -> tuple[Finding, ...]:
    """What is wrong with these words for this contract, in their order."""
    line = Line(words=tuple(words), script=script, at=at or Place(line=1), places=tuple(places))
    reading = _Reading(line=line)
    for said in contract.contradicted:
        reading.add("declaration-contradicted", None, f"{line.in_script(said.line)}: {said.text}")
    for said in contract.unclear:
        reading.add("declaration-unclear", None, f"{line.in_script(said.line)}: {said.text}")
    if contract.ignores:
        if words:
            reading.add("arguments-ignored", 0, f"{script} looks at none of its arguments")
    elif not contract.known:
        reading.add("contract-unknown", None, f"what {script} accepts could not be learned{_seen(contract)}")
        reading.leading(contract)
    else:
        reading.read(contract)
    return (*reading.findings, *promises(contract, line))


def _seen(contract: Contract) -> str:
    notes = [f"line {note.line}: {note.text}" if note.line else note.text for note in contract.notes]
    return f" ({'; '.join(notes[:3])})" if notes else ""


@dataclass(kw_only=True)
class _Reading:
    """One way through the words, as the script would go."""

    line: Line
    next: int = 0  # index of the word to read
    flags_over: bool = False  # after `--`
    findings: list[Finding] = field(default_factory=list)

    def add(self, rule: str, index: int | None, what: str, *, why: str = "", next: str = "") -> None:
        self.findings.append(finding(rule, self.line.place(index), what, why=why, next=next))

    def read(self, contract: Contract) -> None:
        """The words from here on, by the contract of the script or of a subcommand."""
        met: set[tuple[str, ...]] = set()
        before, together = len(self.findings), 0
        values = self.leading(contract)
        if len(self.findings) > before:
            return None  # what else is odd about the words follows from that
        while self.next < len(self.line.words) and len(self.findings) < MOST_FINDINGS:
            word = self.line.words[self.next]
            if not self.flags_over and word == "--":
                self.flags_over = True
                self.next += 1
            elif not self.flags_over and _is_flag(contract, word):
                together = together or len(values)
                self._flag(contract, met)
            elif contract.subcommands and not values:
                self._absent_flags(contract, met)
                return self._subcommand(contract)
            else:
                values.append(self.next)
                self.next += 1
        self._absent_flags(contract, met)
        self._count(contract, values, together or len(values))

    def leading(self, contract: Contract) -> list[int]:
        """The words that are taken as values whatever they look like."""
        values = list(range(self.next, min(self.next + contract.leading, len(self.line.words))))
        for index in values:
            if self.line.words[index].startswith("-") and self.line.words[index] != "-":
                note = contract.notes[0] if contract.notes else None
                where = f" ({self.line.in_script(note.line)}: {note.text})" if note else ""
                what = f"{self.line.script} takes `{_shown(self.line.words[index])}` for a value{where}"
                self.add("flag-as-value", index, what)
        self.next += len(values)
        return values

    def _subcommand(self, contract: Contract) -> None:
        name = self.line.words[self.next]
        self.next += 1
        if name in contract.subcommands:
            self.read(contract.subcommands[name])
        elif not PLACEHOLDER.search(name):
            what = f"{self.line.script} has no subcommand `{_shown(name)}`"
            self.add("subcommand-unknown", self.next - 1, what, next=_instead(name, contract.subcommands))

    def _flag(self, contract: Contract, met: set[tuple[str, ...]]) -> None:
        at, word = self.next, self.line.words[self.next]
        self.next += 1
        name, equals, value = word.partition("=")
        option = contract.option(name)
        if option is None and word.startswith("--"):
            option = self._abbreviated(contract, name, at)
        elif option is None and contract.language != "shell-case" and contract.option(word[:2]) is not None:
            return self._letters(contract, word, at, met)
        if option is None:
            return self._unknown(contract, name, at, joined=bool(equals))
        self._taken(option, name, at, met)
        self._values(contract, option, name, at, value if equals else None)

    def _letters(self, contract: Contract, word: str, at: int, met: set[tuple[str, ...]]) -> None:
        """`-vo file`, `-ofile`: switches behind one dash, the last perhaps with its value."""
        for place in range(1, len(word)):
            name = f"-{word[place]}"
            option = contract.option(name)
            if option is None:
                return self._unknown(contract, name, at, joined=True)
            self._taken(option, name, at, met)
            if option.most != 0:
                return self._values(contract, option, name, at, word[place + 1 :].removeprefix("=") or None)
        return None

    def _abbreviated(self, contract: Contract, name: str, at: int) -> Option | None:
        found = {
            option.names: option for option in contract.options if any(n.startswith(name) for n in option.names)
        }
        if not contract.abbreviates or len(found) != 1 or len(name) < 3:
            return None
        option = next(iter(found.values()))
        full = next(n for n in option.names if n.startswith(name))
        self.add("flag-abbreviated", at, f"`{name}` is an abbreviation of `{full}`", next=f"write `{full}`")
        return option

    def _unknown(self, contract: Contract, name: str, at: int, *, joined: bool) -> None:
        if name in HELP and contract.language != "shell-plain":
            return
        if not contract.refuses and is_promise((name,)):
            return  # `promises` says what that means
        does = "does not know" if contract.refuses else "drops without a word"
        names = [n for option in contract.options for n in option.names]
        why = "" if contract.refuses else "it goes on as if the flag were not there"
        what = f"{self.line.script} {does} `{_shown(name)}`"
        self.add("flag-unknown", at, what, why=why, next=_instead(name, names))
        if not joined and contract.positionals[1] == 0 and not contract.subcommands:
            self._skip_values(contract)

    def _skip_values(self, contract: Contract) -> None:
        words = self.line.words
        while self.next < len(words) and not _is_flag(contract, words[self.next]):
            self.next += 1

    def _taken(self, option: Option, name: str, at: int, met: set[tuple[str, ...]]) -> None:
        met.add(option.names)
        if not option.read and not is_promise((name,)):
            where = self.line.in_script(option.line)
            self.add("flag-ignored", at, f"{where} takes `{name}` and never looks at it")

    def _values(self, contract: Contract, option: Option, name: str, at: int, joined: str | None) -> None:
        if joined is not None:
            if option.most == 0:
                return self.add("value-unwanted", at, f"`{name}` takes no value, and has `{_shown(joined)}`")
            if not option.joined:
                self.add(
                    "flag-spelling",
                    at,
                    f"{self.line.script} reads `{name} VALUE`",
                    next=f"write `{name} {joined}`",
                )
            return self._choice(option.choices, name, joined, at)
        taken = 0
        while self.next < len(self.line.words) and (option.most is None or taken < option.most):
            word = self.line.words[self.next]
            if word == "--" or (_is_flag(contract, word) and not NUMBER.fullmatch(word)):
                break
            self._choice(option.choices, name, word, self.next)
            taken, self.next = taken + 1, self.next + 1
        if taken < option.least:
            self.add(
                "value-missing", at, f"`{name}` has no value" if not taken else f"`{name}` has too few values"
            )
        elif taken and not option.apart:
            wish = f"write `{name}={self.line.words[self.next - 1]}`"
            self.add("flag-spelling", at, f"{self.line.script} reads `{name}=VALUE` in one word", next=wish)
        return None

    def _choice(self, choices: tuple[str, ...], name: str, value: str, at: int) -> None:
        if choices and value not in choices and not PLACEHOLDER.search(value):
            what = f"{self.line.script} does not know `{_shown(value)}` as {name}"
            self.add("value-not-a-choice", at, what, next=_instead(value, choices))

    def _absent_flags(self, contract: Contract, met: set[tuple[str, ...]]) -> None:
        for option in contract.options:
            if option.required and option.names not in met:
                name = max(option.names, key=len)
                self.add("flag-missing", None, f"{self.line.script} requires `{name}`", next=f"add `{name}`")

    def _count(self, contract: Contract, values: list[int], together: int) -> None:
        """`together` is the number of values before the first flag that follows one."""
        least, most = contract.positionals
        if contract.language == "python-argparse" and most != least and least <= together < len(values):
            most = together  # argparse takes a varying number of values only side by side
        if contract.needs_subcommand:
            known = ", ".join(sorted(contract.subcommands))
            return self.add(
                "subcommand-missing", None, f"{self.line.script} wants a subcommand", next=f"one of {known}"
            )
        if len(values) < least:
            what = f"{self.line.script} wants {least} argument{'s' * (least != 1)}, given {len(values)}"
            self.add("argument-missing", None, what)
        if most is not None and len(values) > most:
            word = _shown(self.line.words[values[most]])
            self.add("argument-extra", values[most], f"{self.line.script} takes no further argument: `{word}`")
        for index, choices in zip(values, contract.positional_choices, strict=False):
            self._choice(choices, "an argument", self.line.words[index], index)
        return None


def _is_flag(contract: Contract, word: str) -> bool:
    if not word.startswith("-") or word == "-":
        return False
    if contract.language not in NUMBERS_ARE_VALUES or not NUMBER.fullmatch(word):
        return True
    return contract.option(word[:2]) is not None


def _instead(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = nearest(name, names)
    if near:
        return f"did you mean `{near}`?"
    return f"known here: {', '.join(names[:12])}" if names else ""


def _shown(word: str) -> str:
    return printable(word if len(word) <= SHOWN else f"{word[:SHOWN]}…")
