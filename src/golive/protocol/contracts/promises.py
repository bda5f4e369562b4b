"""Flags by which a line promises something: that nothing is changed, or nothing without an approval."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.protocol.contracts.contract import Contract, is_approval, is_dry_run
from golive.protocol.document import Finding, Place
from golive.protocol.rules import finding


@dataclass(frozen=True, kw_only=True)
class Line:
    """The words behind a script, and where each stands in the document."""

    words: tuple[str, ...]
    script: str
    at: Place
    places: tuple[Place, ...]

    def place(self, index: int | None) -> Place:
        return self.at if index is None or index >= len(self.places) else self.places[index]

    def in_script(self, line: int) -> str:
        return f"{self.script}:{line}" if line else self.script


def promises(contract: Contract, line: Line) -> Iterator[Finding]:
    """Flags by which the line promises something: no change at all, or none without an approval."""
    for index, word in enumerate(line.words):
        if is_dry_run(word):
            yield from _dry_run(contract, line, index)
        elif is_approval(word) and (_is_ignored(contract, line, index) or not contract.known):
            proven = _is_ignored(contract, line, index)
            does = "does not look at" if proven else "does not show that it looks at"
            yield finding(
                "approval-ignored",
                line.place(index),
                f"{line.script} {does} `{word}`",
                severity="error" if proven else "warning",
            )


def _dry_run(contract: Contract, line: Line, index: int) -> Iterator[Finding]:
    word = line.words[index]
    if _is_ignored(contract, line, index):
        yield finding("dry-run-ignored", line.place(index), f"{line.script} does not look at `{word}`")
    elif _reached(contract, line).dry_run != "declared":
        yield finding(
            "dry-run-not-shown", line.place(index), f"{line.script} does not show that it honours `{word}`"
        )


def _is_ignored(contract: Contract, line: Line, index: int) -> bool:
    """The script goes on as if the flag were not there."""
    if contract.ignores or index < contract.leading:
        return True
    reached = _reached(contract, line)
    name = line.words[index].partition("=")[0]
    option = reached.option(name) or contract.option(name)
    if option is not None:
        return not option.read
    return contract.known and (not reached.refuses or bool(contract.leading))


def _reached(contract: Contract, line: Line) -> Contract:
    """The contract of the subcommand that the words lead to."""
    for word in line.words:
        contract = contract.subcommands.get(word, contract)
    return contract
