"""What a script's author declares in `# golive:` lines at its top, where the text alone cannot show it.

Only comment lines before the first line of code count. One declaration a line:

    # golive: effect=changes-{env}            or reads, writes-evidence, changes-staging, changes-production
    # golive: dry-run=simulated               or reads, writes-evidence: what `--dry-run` does instead
    # golive: flag --env staging|production required
    # golive: flag -o --output FILE default perf.json
    # golive: flag --if-approved
    # golive: values 0..1                     so many words that are no flags

A declaration is believed about effects, because nothing else tells them. About flags it is believed only as far as
the text does not contradict it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from golive.protocol.contracts.contract import EFFECTS, Contract, Note, Option, dry_run_of, is_dry_run

LINE = re.compile(r"#+[ \t]*golive:[ \t]*(.*)", re.IGNORECASE)
KEY = re.compile(r"([a-z-]+)(?:[ \t]*=[ \t]*|[ \t]+|$)(.*)")
WITH_ARGUMENT = re.compile(r"changes-\{([A-Za-z][\w-]*)\}")
COUNT = re.compile(r"(\d{1,4})(?:\.\.(\d{1,4}|\*))?")
IN_DRY_RUN = {"simulated": "reads", "reads": "reads", "writes-evidence": "writes-evidence"}
KEYS = ("effect", "dry-run", "flag", "values")


@dataclass(kw_only=True)
class Declared:
    """The declarations of one script."""

    effect: str = ""
    dry_run_effect: str = ""
    options: list[Option] = field(default_factory=list)
    values: tuple[int, int | None] | None = None
    unclear: list[Note] = field(default_factory=list)
    line: int = 0  # of the first one

    @property
    def says_flags(self) -> bool:
        return bool(self.options) or self.values is not None


def declarations(source: str) -> Declared:
    """Read the head of a script. What cannot be read is kept as unclear."""
    found = Declared()
    for number, text in _head(source):
        said = LINE.fullmatch(text.strip())
        if said:
            found.line = found.line or number
            _one(found, said.group(1).strip(), number)
    return found


def joined(learned: Contract, said: Declared) -> Contract:
    """The contract as learned, with what the author declares beside it."""
    contract = replace(learned, effect=said.effect, unclear=(*learned.unclear, *said.unclear))
    if said.says_flags:
        contract = _with_flags(contract, said)
    if said.dry_run_effect and contract.dry_run == "named":
        contract = replace(contract, dry_run="declared", dry_run_effect=said.dry_run_effect)
    elif said.dry_run_effect and contract.known:
        does = "never looks at it" if contract.dry_run == "ignored" else "has no such flag"
        note = Note(line=said.line, text=f"a dry run is declared, and the script {does}")
        contract = replace(contract, contradicted=(*contract.contradicted, note))
    return contract


def _with_flags(contract: Contract, said: Declared) -> Contract:
    if contract.known:
        accepted = {name for option in _all_options(contract) for name in option.names}
        untrue = [option for option in said.options if contract.ignores or not accepted.intersection(option.names)]
        notes = tuple(
            Note(line=option.line, text=f"`{option.names[0]}` is declared, and the script does not read it")
            for option in untrue
        )
        return replace(contract, contradicted=notes)
    options = tuple(said.options)
    return replace(
        contract,
        language="declared",
        known=True,
        options=options,
        positionals=said.values or (0, 0),
        dry_run=dry_run_of(options),
    )


def _all_options(contract: Contract) -> Iterator[Option]:
    yield from contract.options
    for sub in contract.subcommands.values():
        yield from _all_options(sub)


def _head(source: str) -> Iterator[tuple[int, str]]:
    start, number = 0, 1
    while start < len(source):
        end = source.find("\n", start)
        end = len(source) if end < 0 else end
        text = source[start:end]
        if text.strip() and not text.lstrip("\ufeff \t").startswith("#"):
            return
        yield number, text
        start, number = end + 1, number + 1


def _one(found: Declared, said: str, line: int) -> None:
    key = KEY.fullmatch(said)
    name, rest = (key.group(1), key.group(2).strip()) if key else ("", "")
    if name == "effect" and (rest in EFFECTS or WITH_ARGUMENT.fullmatch(rest)):
        found.effect = rest
    elif name == "dry-run" and rest in IN_DRY_RUN:
        found.dry_run_effect = IN_DRY_RUN[rest]
    elif name == "values" and (count := COUNT.fullmatch(rest)):
        found.values = _count(count.group(1), count.group(2))
    elif name == "flag" and (option := _option(rest, line)):
        found.options.append(option)
    else:
        known = f"`{name}` cannot be `{rest[:60]}`" if name in KEYS else f"known here: {', '.join(KEYS)}"
        found.unclear.append(Note(line=line, text=known))


def _count(least: str, most: str | None) -> tuple[int, int | None]:
    return (int(least), None if most == "*" else int(most or least))


def _option(rest: str, line: int) -> Option | None:
    words = rest.split()
    names = [word for word in words if word.startswith("-")]
    others = words[len(names) :]
    if not names or words[: len(names)] != names:
        return None
    option = Option(names=tuple(names), least=0, most=0, line=line)
    if others and others[0] not in {"required", "default"}:
        choices = tuple(others[0].split("|")) if "|" in others[0] else ()
        option = replace(option, least=1, most=1, choices=choices)
        others = others[1:]
    if others[:1] == ["required"]:
        option, others = replace(option, required=True), others[1:]
    if others[:1] == ["default"] and len(others) > 1:
        option, others = replace(option, default=others[1]), others[2:]
    return None if others else option


def effect_of(contract: Contract, words: tuple[str, ...]) -> str:
    """The declared effect of a script when it is given these words; "" when nobody says."""
    if contract.dry_run == "declared" and any(map(is_dry_run, words)):
        return contract.dry_run_effect
    named = WITH_ARGUMENT.fullmatch(contract.effect)
    if not named:
        return contract.effect
    effect = f"changes-{_value(contract, named.group(1), words)}"
    return effect if effect in EFFECTS else ""


def _value(contract: Contract, name: str, words: tuple[str, ...]) -> str:
    """The value that these words give to a flag, the last one counting."""
    option = contract.option(f"--{name}")
    names = option.names if option else (f"--{name}",)
    value = option.default if option else ""
    for index, word in enumerate(words):
        flag, equals, behind = word.partition("=")
        if flag in names:
            value = behind if equals else "".join(words[index + 1 : index + 2])
    return value
