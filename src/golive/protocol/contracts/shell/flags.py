"""The flags that a shell script reads: in a `case` loop, in tests of `$1`, with getopts, or with getopt."""

import re
from collections.abc import Iterator, Sequence

from golive.protocol.contracts.contract import Option, is_promise
from golive.protocol.contracts.shell.cases import Case, Clause
from golive.protocol.contracts.shell.layout import Layout
from golive.protocol.contracts.shell.variables import ASSIGNMENT, TELLING, Looked, assigned
from golive.protocol.contracts.shell.words import Word

FIRST = re.compile(r"\$(?:1|\{1(?:[:%#/,^-][^}]*)?\})")
SECOND = re.compile(r"\$(?:2|\{2[^}]*\})")
ARGUMENT = re.compile(r"\$\{?[1-9@*](?::?-[^}]*)?\}?")
GLOB = re.compile(r"[*?\[\]]|\$")
ANY_FLAG = frozenset({"-*", "--*", "-?*", "--?*"})
EQUALS = frozenset({"=", "=="})
LONGEST_ARM = 200  # words
NOTHING = frozenset({"shift", ":", "true", "continue", "local", "break"})


def case_options(case: Case, layout: Layout, looked: Looked) -> tuple[Option, ...]:
    """The flags of one loop; `--env)` and `--env=*)` become one option."""
    found: list[Option] = []
    for clause in case.clauses:
        names = tuple(pattern for pattern in clause.patterns if _is_flag(pattern) and not pattern.endswith("=*"))
        joined = tuple(pattern[:-2] for pattern in clause.patterns if _is_flag(pattern) and pattern.endswith("=*"))
        body = layout.words[clause.start : clause.end]
        read = is_looked_at(body, looked, clause.patterns)
        count = 1 if not names or _takes_value(body) else 0
        if names or joined:
            found.append(
                Option(
                    names=names or joined,
                    least=count,
                    most=count,
                    apart=bool(names),
                    joined=bool(joined),
                    read=read,
                    line=clause.line,
                )
            )
    return joined_options(found)


def joined_options(options: Sequence[Option]) -> tuple[Option, ...]:
    """Options that share a name as one."""
    found: list[Option] = []
    places: dict[str, int] = {}
    for option in options:
        place = next((places[name] for name in option.names if name in places), len(found))
        if place == len(found):
            found.append(option)
        else:
            found[place] = _merged(option, found[place])
        places |= dict.fromkeys(option.names, place)
    return tuple(found)


def _merged(one: Option, other: Option) -> Option:
    apart = [option for option in (one, other) if option.apart]
    return Option(
        names=tuple(dict.fromkeys((*other.names, *one.names))),
        least=max(one.least, other.least),
        most=max(one.most or 0, other.most or 0),
        apart=any(option.most for option in apart),
        joined=one.joined or other.joined,
        read=one.read or other.read,
        line=min(one.line, other.line),
    )


def _is_flag(pattern: str) -> bool:
    return pattern.startswith("-") and pattern not in {"-", "--"} and not GLOB.search(pattern.removesuffix("=*"))


def matched(case: Case) -> Iterator[Clause]:
    """Clauses that know flags by a pattern, such as `-[abc]*`: they cannot be told one by one."""
    for clause in case.clauses:
        if any(
            p.startswith("-") and p not in ANY_FLAG and GLOB.search(p.removesuffix("=*")) for p in clause.patterns
        ):
            yield clause


def _takes_value(body: Sequence[Word]) -> bool:
    """`$2`, `shift 2`, or `$1` after a shift."""
    shifted = False
    for index, word in enumerate(body):
        if SECOND.search(word.expanding):
            return True
        if shifted and FIRST.search(word.expanding):
            return True
        if word.text == "shift":
            shifted = True
            if index + 1 < len(body) and body[index + 1].text == "2":
                return True
    return False


def is_looked_at(body: Sequence[Word], looked: Looked, flags: tuple[str, ...]) -> bool:
    """Whether anything comes of a flag: a variable that is looked at, or a command that does something."""
    names = assigned(body)
    if any(looked.at(name, flags) for name in names):
        return True
    nothing = {*NOTHING, *TELLING} if is_promise(flags) else NOTHING
    starts = True
    for word in body:
        if word.kind != "word":
            starts = True
        elif starts and not ASSIGNMENT.match(word.text):
            starts = False
            if word.text not in nothing:
                return True
    return False


def tested_options(layout: Layout, looked: Looked, loop_names: frozenset[str]) -> tuple[Option, ...]:
    """The flags of `[ "$1" = "--dry-run" ]`, and of the same with the variable of a loop over the arguments."""
    words = layout.words
    found: dict[str, Option] = {}
    for index in layout.own:
        name = words[index].plain
        if index < 2 or words[index].kind != "word" or not _is_flag(name) or words[index - 1].text not in EQUALS:
            continue
        compared = words[index - 2].plain
        if not ARGUMENT.fullmatch(compared) and compared.strip("${}") not in loop_names:
            continue
        arm = _arm(words, index)
        count = 1 if _takes_value(arm) else 0
        found.setdefault(
            name,
            Option(
                names=(name,),
                least=count,
                most=count,
                joined=False,
                read=is_looked_at(arm, looked, (name,)),
                line=words[index].line,
            ),
        )
    return tuple(found.values())


def _arm(words: Sequence[Word], index: int) -> Sequence[Word]:
    """What is done when a test holds: behind its `then` or `&&`, up to the next arm."""
    last = min(index + LONGEST_ARM, len(words))
    start = next((i + 1 for i in range(index, last) if words[i].text in {"then", "&&"}), last)
    one_line = start < last and words[start - 1].text == "&&"
    ends = {"\n", ";"} if one_line else {"elif", "else", "fi"}
    return words[start : next((i for i in range(start, last) if words[i].text in ends), last)]
