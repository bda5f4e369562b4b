"""A script's contract: the flags and values that it takes, and the effect that its author declares.

`known` False means that it could not be learned. That is a finding, never a pass. Lines count from 1 in the
script; 0 means that there is none to name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal[
    "python-argparse",
    "python-click",
    "python-plain",  # reads sys.argv itself, or not at all
    "shell-getopts",
    "shell-case",
    "shell-plain",  # takes $1, $2, … as they come, or not at all
    "help",  # what the script printed for --help
    "declared",
    "unknown",
]
EFFECTS = ("reads", "writes-evidence", "changes-staging", "changes-production")
DryRun = Literal[
    "absent",  # there is no such flag
    "ignored",  # it is taken, and nothing looks at it
    "named",  # it is taken and looked at: whether it is honoured cannot be seen
    "declared",  # the author says what a dry run does, and the text does not contradict it
]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One flag. `least` and `most` count the values that it takes; `most` None means any number."""

    names: tuple[str, ...]
    least: int = 1
    most: int | None = 1
    choices: tuple[str, ...] = ()
    required: bool = False
    apart: bool = True  # `--env staging` is understood
    joined: bool = True  # `--env=staging` is understood
    read: bool = True  # False: parsed, and nothing looks at it afterwards
    default: str = ""
    line: int = 0

    @property
    def takes(self) -> Literal["value", "none", "optional"]:
        if self.most == 0:
            return "none"
        return "value" if self.least else "optional"


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something seen in the script, with its line."""

    line: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What is known of one script, or of one subcommand of it."""

    language: Language = "unknown"
    known: bool = False
    options: tuple[Option, ...] = ()
    positionals: tuple[int, int | None] = (0, 0)  # least and most; None: any number
    positional_choices: tuple[tuple[str, ...], ...] = ()  # of the first, the second, …; empty: anything
    subcommands: Mapping[str, "Contract"] = field(default_factory=dict)
    needs_subcommand: bool = False
    leading: int = 0  # so many first words are taken as values, whatever they look like
    ignores: bool = False  # the script looks at no argument at all
    refuses: bool = True  # False: unknown flags are dropped without a word
    abbreviates: bool = False  # `--stat` is taken for `--status`
    dry_run: DryRun = "absent"
    dry_run_effect: str = ""  # as declared
    effect: str = ""  # of `EFFECTS`, or with an argument in it: `changes-{env}`; "" when nobody says
    notes: tuple[Note, ...] = ()  # what was seen, and why it is not known
    unclear: tuple[Note, ...] = ()  # declarations that cannot be read
    contradicted: tuple[Note, ...] = ()  # declarations that the text shows to be untrue

    def option(self, name: str) -> Option | None:
        """The option of exactly this name."""
        return next((option for option in self.options if name in option.names), None)


def is_dry_run(name: str) -> bool:
    """Whether a flag asks for a dry run, by its name."""
    return name.partition("=")[0].strip("-").replace("_", "-").lower() in {"dry-run", "dryrun", "noop", "no-op"}


def is_approval(name: str) -> bool:
    """Whether a flag asks for an approval, by its name."""
    return name.partition("=")[0].strip("-").replace("_", "-").lower() in {"if-approved", "require-approval"}


def is_promise(names: tuple[str, ...]) -> bool:
    """Whether a flag promises what does not happen: telling about it is not enough."""
    return any(is_dry_run(name) or is_approval(name) for name in names)


def dry_run_of(options: tuple[Option, ...]) -> DryRun:
    """What the text shows of a dry run; never that it is honoured."""
    found = [option for option in options if any(map(is_dry_run, option.names))]
    if not found:
        return "absent"
    return "named" if all(option.read for option in found) else "ignored"
