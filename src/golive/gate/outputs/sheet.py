"""A table for a spreadsheet: CSV in which no cell is a formula and every row is one line."""

import csv
from collections.abc import Iterable, Sequence

_FORMULA = "=+-@"  # what spreadsheets begin to compute at


def sheet(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows below their columns; a cell without words is empty."""
    out = _Lines()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(str(value)) for value in row] for row in rows)
    return "".join(out.written)


def cell(words: str) -> str:
    """On one line, with an apostrophe before what a spreadsheet would compute."""
    line = " ".join(words.split())
    return f"'{line}" if line[:1] and line[0] in _FORMULA else line


class _Lines:
    """What a CSV writer writes, kept."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, line: str) -> None:
        self.written.append(line)
