"""A shell script's text → its contract, by the way in which it looks at its arguments."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from golive.protocol.contracts.contract import Contract, Note, dry_run_of
from golive.protocol.contracts.shell.cases import Case, cases
from golive.protocol.contracts.shell.flags import case_options, joined_options, matched, tested_options
from golive.protocol.contracts.shell.getopts import getopt, getopts
from golive.protocol.contracts.shell.layout import ALL, Layout, is_command, layout
from golive.protocol.contracts.shell.variables import ASSIGNMENT, Looked, looked_at
from golive.protocol.contracts.shell.words import Word, words

NUMBERED = re.compile(r"\$\{?([1-9])(?!\d)")
SUBJECT = re.compile(r"\$\{?1(?:[:-][^}]*)?\}?")
STAYING = ("for", "set", "echo", "printf", "[", "[[", "test", "getopt", "getopts", "case", "while", "if", "until")
ELSEWHERE = frozenset({"eval", "source", "."})


def shell_contract(source: str) -> Contract:
    """The contract, unknown where the arguments go out of sight."""
    script = layout(words(source))
    looked = looked_at(script.words)
    blocks = [block for block in cases(script.words) if block.start in set(script.own)]
    for learned in (getopts(script, blocks, looked), getopt(script, blocks, looked)):
        if learned:
            return learned
    return _by_hand(script, blocks, looked) or _plain(script, blocks)


def _by_hand(script: Layout, blocks: Sequence[Case], looked: Looked) -> Contract | None:
    """Flags that are compared word by word."""
    names = _loop_names(script)
    reading = [one for one in blocks if SUBJECT.fullmatch(one.subject) or one.subject.strip("${}") in names]
    found = [(one, case_options(one, script, looked)) for one in reading]
    every = [option for _, some in found for option in some] + list(tested_options(script, looked, names))
    options = joined_options(every)
    loop = next((one for one, some in found if some), None)
    doubt = _doubt(script, reading, loop, flags=bool(options))
    if doubt:
        return Contract(language="shell-case", options=options, dry_run=dry_run_of(options), notes=(doubt,))
    if not options:
        return None
    contract = Contract(
        language="shell-case", known=True, options=options, positionals=(0, None), dry_run=dry_run_of(options)
    )
    if loop is None:
        return replace(contract, refuses=False)
    others = _others(loop, script)
    start = _loop_start(script, loop)
    leading = _taken_before(script, start)
    return replace(
        contract,
        refuses=others in {"refused", "flags refused"},
        positionals=(0, leading if others == "refused" else None),
        leading=leading,
        notes=_leading_notes(script, start),
    )


def _doubt(script: Layout, reading: Sequence[Case], loop: Case | None, *, flags: bool) -> Note | None:
    """Why the flags cannot all be told: some are known by a pattern, or go to another program."""
    clause = next((clause for block in reading for clause in matched(block)), None)
    if clause:
        return Note(line=clause.line, text=f"it knows flags by the pattern `{clause.patterns[0]}`")
    passed = _passed_on(script) if flags else None
    if passed and (loop is None or _others(loop, script) == "taken"):
        return Note(line=passed.line, text="it passes its arguments on")
    return None


def _passed_on(script: Layout) -> Word | None:
    """Where all arguments go to another program; loops over them and functions of the script do not count."""
    command = ""
    for index in script.own:
        word = script.words[index]
        if word.kind == "word" and is_command(script.words, index) and not ASSIGNMENT.match(word.text):
            command = word.text
        elif word.kind == "word" and word.plain in ALL and command not in {*script.functions, *STAYING}:
            return word
    return None


def _own(script: Layout) -> Iterator[Word]:
    return (script.words[index] for index in script.own)


def _others(loop: Case, script: Layout) -> str:
    """What becomes of words that no clause knows."""
    answer = "taken"
    for clause in loop.clauses:
        ends = any(
            word.text in script.ending
            or (word.text == "return" and is_command(script.words, clause.start + place))
            for place, word in enumerate(script.words[clause.start : clause.end])
        )
        if "*" in clause.patterns and ends:
            return "refused"
        if ends and any(pattern in {"-*", "--*"} for pattern in clause.patterns):
            answer = "flags refused"
    return answer


def _loop_names(script: Layout) -> frozenset[str]:
    """`arg` of `for arg in "$@"`, of `for arg; do`, and of `arg=$1`."""
    found = {word.plain[:-3] for word in _own(script) if word.plain.endswith("=$1")}
    for index in script.own:
        if script.words[index].text == "for" and is_command(script.words, index):
            after = [word.plain for word in script.words[index + 1 : index + 4]]
            if len(after) > 2 and (after[1] != "in" or after[2] in ALL):
                found.add(after[0])
    return frozenset(found)


def _loop_start(script: Layout, loop: Case) -> int:
    """The index of the `while` or `for` around a block, as far as it is near."""
    for index in range(loop.start, max(0, loop.start - 40), -1):
        if script.words[index].text in {"while", "until", "for"}:
            return index
    return loop.start


def _taken_before(script: Layout, start: int) -> int:
    """How many first words are put into variables and shifted away before the flags are read."""
    own = [script.words[index] for index in script.own if index < start]
    if not any(word.text == "shift" for word in own):
        return 0
    return max((number for word in own if ASSIGNMENT.match(word.text) for number in _numbers(word)), default=0)


def _leading_notes(script: Layout, start: int) -> tuple[Note, ...]:
    own = [script.words[index] for index in script.own if index < start]
    line = next((word.line for word in own if ASSIGNMENT.match(word.text) and list(_numbers(word))), 0)
    return (Note(line=line, text="$1 is taken as it comes"),) if line and _taken_before(script, start) else ()


def _plain(script: Layout, blocks: Sequence[Case]) -> Contract:
    """A script in which no flag is read."""
    own = [script.words[index] for index in script.own]
    uses = [(word, number) for word in own if word.kind == "word" for number in _numbers(word)]
    if uses:
        return _by_place(script, blocks, uses)
    if any(name in word.expanding for word in own for name in ALL) or any(word.text == "shift" for word in own):
        line = next((word.line for word in own if word.text == "shift" or any(n in word.text for n in ALL)), 0)
        return Contract(language="shell-plain", notes=(Note(line=line, text="its arguments are passed on"),))
    for index in script.own:
        if script.words[index].text in ELSEWHERE and is_command(script.words, index):
            note = Note(
                line=script.words[index].line, text="other code runs inside it, which may read the arguments"
            )
            return Contract(language="shell-plain", notes=(note,))
    return Contract(language="shell-plain", known=True, ignores=True)


def _by_place(script: Layout, blocks: Sequence[Case], uses: Sequence[tuple[Word, int]]) -> Contract:
    most = max(number for _, number in uses)
    first = uses[0][0]
    least = max(
        (number for word, number in uses if f"{{{number}:?" in word.text or f"{{{number}?" in word.text), default=0
    )
    block = next((one for one in blocks if SUBJECT.fullmatch(one.subject)), None)
    choices: tuple[tuple[str, ...], ...] = ()
    if block and _others(block, script) == "refused":
        words = tuple(
            p for clause in block.clauses for p in clause.patterns if p and "*" not in p and "$" not in p
        )
        choices = (words,) if words else ()
    passed = _passed_on(script)
    others = (Note(line=passed.line, text="the others are passed on"),) if passed else ()
    return Contract(
        language="shell-plain",
        known=not passed,
        positionals=(least, most),
        positional_choices=choices,
        leading=most,
        refuses=False,
        notes=(Note(line=first.line, text=f"${uses[0][1]} is taken as it comes"), *others),
    )


def _numbers(word: Word) -> Iterator[int]:
    for found in NUMBERED.finditer(word.expanding):
        yield int(found.group(1))
