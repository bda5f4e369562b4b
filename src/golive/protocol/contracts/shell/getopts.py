"""Flags that a shell script reads with getopts, or with the program getopt."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from golive.protocol.contracts.contract import Contract, Note, Option, dry_run_of, is_promise
from golive.protocol.contracts.shell.cases import Case, Clause
from golive.protocol.contracts.shell.flags import case_options, is_looked_at
from golive.protocol.contracts.shell.layout import Layout, is_command
from golive.protocol.contracts.shell.variables import Looked


def getopts(script: Layout, blocks: Sequence[Case], looked: Looked) -> Contract | None:
    """`while getopts "e:n" name; do case $name in …`."""
    for index in script.own:
        if script.words[index].text != "getopts" or not is_command(script.words, index):
            continue
        given = [word.plain for word in script.words[index + 1 : index + 3]]
        line = script.words[index].line
        if len(given) < 2 or "$" in given[0] or "-" in given[0]:
            note = Note(line=line, text="its getopts reads flags that do not stand written")
            return Contract(language="shell-getopts", notes=(note,))
        block = next((one for one in blocks if one.subject.strip("${}") == given[1]), None)
        return _flagged(_letters(given[0], block, script, looked), _after(script))
    return None


def getopt(script: Layout, blocks: Sequence[Case], looked: Looked) -> Contract | None:
    """`getopt -o e:n --long env:,dry-run -- "$@"`."""
    for index in script.own:
        if script.words[index].text != "getopt" or not is_command(script.words, index):
            continue
        end = next(
            (i for i in range(index, len(script.words)) if script.words[i].kind == "end"), len(script.words)
        )
        given = [word.plain for word in script.words[index + 1 : end]]
        options = tuple(_getopt_options(given))
        if not options or any("$" in name for option in options for name in option.names):
            note = Note(line=script.words[index].line, text="its getopt reads flags that do not stand written")
            return Contract(language="shell-getopts", notes=(note,))
        taken = {
            name: one for block in blocks for one in case_options(block, script, looked) for name in one.names
        }
        options = tuple(_as_taken(option, taken) for option in options)
        return _flagged(options, (0, None))
    return None


def _as_taken(option: Option, taken: dict[str, Option]) -> Option:
    found = next((taken[name] for name in option.names if name in taken), None)
    if found is None:
        return replace(option, read=not is_promise(option.names))
    return replace(option, read=found.read, line=found.line)


def _getopt_options(given: Sequence[str]) -> Iterator[Option]:
    for place, word in enumerate(given):
        flag, equals, behind = word.partition("=")
        following = behind if equals else "".join(given[place + 1 : place + 2])
        if flag in {"--long", "--longoptions", "-l"}:
            for name in filter(None, following.split(",")):
                yield _counted(f"--{name.rstrip(':')}", name)
        elif flag in {"--options", "-o"}:
            for letter, colons in re.findall(r"([^:+])(:*)", following):
                yield _counted(f"-{letter}", colons)


def _counted(name: str, colons: str) -> Option:
    behind = len(colons) - len(colons.rstrip(":"))
    return Option(names=(name,), least=1 if behind == 1 else 0, most=1 if behind else 0)


def _after(script: Layout) -> tuple[int, int | None]:
    """How many words may follow the flags."""
    return (0, None) if any(script.words[index].text == "shift" for index in script.own) else (0, 0)


def _flagged(options: tuple[Option, ...], positionals: tuple[int, int | None]) -> Contract:
    return Contract(
        language="shell-getopts",
        known=True,
        options=options,
        positionals=positionals,
        dry_run=dry_run_of(options),
    )


def _letters(optstring: str, case: Case | None, layout: Layout, looked: Looked) -> tuple[Option, ...]:
    """The options of `getopts "e:n" name`, with the clauses that take them."""
    clauses: dict[str, Clause] = {}
    for clause in case.clauses if case else ():
        clauses |= dict.fromkeys(clause.patterns, clause)
    return tuple(_each(optstring.lstrip(":"), clauses, layout, looked))


def _each(text: str, clauses: dict[str, Clause], layout: Layout, looked: Looked) -> Iterator[Option]:
    for place, letter in enumerate(text):
        if letter != ":":
            clause = clauses.get(letter)
            body = layout.words[clause.start : clause.end] if clause else ()
            count = 1 if text[place + 1 : place + 2] == ":" else 0
            yield Option(
                names=(f"-{letter}",),
                least=count,
                most=count,
                read=is_looked_at(body, looked, ()) if clause else True,
                line=clause.line if clause else 0,
            )
