"""What a program prints for `--help` → its contract, for scripts whose text does not show it.

Read loosely: flags at the start of indented lines, as argparse, click, cobra and getopt programs print them. Which
words it takes beside flags, and which flags it requires, help texts do not say in one way: any number, and none.
"""

import re
from collections.abc import Iterator

from golive.protocol.contracts.contract import Contract, Note, Option, dry_run_of
from golive.protocol.contracts.declared import declarations, joined

LINE = re.compile(r"[ \t]{1,16}(-{1,2}[A-Za-z?\[].*)")
FLAG = re.compile(r"(-{1,2}(?:\[no-\])?[A-Za-z?][\w-]*)(?:(\[?=?[ \t]?)(.*))?")
CHOICES = re.compile(r"[{\[(]([\w.-]+(?:[,|][\w.-]+)+)[}\])]")
MOST_LINES = 2_000


def with_help(source: str, text: str) -> Contract:
    """The contract by a help text, with what the script's author declares beside it."""
    return joined(from_help(text), declarations(source))


def from_help(text: str) -> Contract:
    """The contract; unknown when there is no flag in the text."""
    options = tuple(option for line in text.split("\n")[:MOST_LINES] if (option := _option(line)))
    if not options:
        return Contract(language="help", notes=(Note(line=0, text="its help names no flags"),))
    return Contract(
        language="help", known=True, options=options, positionals=(0, None), dry_run=dry_run_of(options)
    )


def _option(line: str) -> Option | None:
    found = LINE.match(line)
    if not found:
        return None
    head = re.split(r"[ \t]{2,}|\t", found.group(1), maxsplit=1)[0]
    names: list[str] = []
    value = ""
    for flag, behind in _flags(head):
        names += [flag.replace("[no-]", ""), flag.replace("[no-]", "no-")] if "[no-]" in flag else [flag]
        value = value or behind
    if not names:
        return None
    choices = CHOICES.search(head)
    return Option(
        names=tuple(names),
        least=1 if value and not value.startswith("[") else 0,
        most=1 if value else 0,
        choices=tuple(re.split(r"[,|]", choices.group(1))) if choices and value else (),
    )


def _flags(head: str) -> Iterator[tuple[str, str]]:
    """`-o FILE, --output FILE` → each flag with what stands behind it."""
    for part in re.split(r"(?:,[ \t]+|[ \t]+/[ \t]+)(?=-)", head):
        found = FLAG.fullmatch(part.strip())
        if found:
            behind = (found.group(3) or "").strip()
            yield found.group(1), f"[{behind}" if behind and (found.group(2) or "").startswith("[") else behind
