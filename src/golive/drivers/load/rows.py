"""The data of a load: a CSV file whose first line names the columns."""

import csv
import re
from pathlib import Path
from typing import Any

from golive.errors import Exit, Failure

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MOST_BYTES = 16 * 1024 * 1024
MOST_ROWS = 100_000


def rows(path: Path, shown: str) -> tuple[dict[str, str], ...]:
    """Column → value, row by row. `Failure` names the line that is wrong; `shown` is how the operator wrote it."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(shown, "it is larger than 16 MiB", "every generator keeps all of it")
        with path.open(newline="", encoding="utf-8-sig") as file:
            found = _read(csv.reader(file), shown)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise _refused(shown, "it cannot be read", why) from error
    if not found:
        raise _refused(shown, "it has no rows", "users take the rows in turn")
    return tuple(found)


def _read(lines: Any, shown: str) -> list[dict[str, str]]:
    names: list[str] = next(lines, [])
    wrong = next((name for name in names if not NAME.fullmatch(name)), None)
    if wrong is not None or not names or len(set(names)) < len(names):
        what = f"{wrong!r} is no name of a column" if wrong is not None else "its first line does not name columns"
        raise _refused(f"{shown}:1", what, "columns are used as ${name}: letters, digits and _")
    found: list[dict[str, str]] = []
    for row in lines:
        if not row:
            continue
        if len(row) != len(names):
            what = f"{len(row)} values for {len(names)} columns"
            raise _refused(f"{shown}:{lines.line_num}", what, "every row has a value for every column")
        if len(found) >= MOST_ROWS:
            raise _refused(shown, f"it has more than {MOST_ROWS} rows", "every generator keeps all of them")
        found.append(dict(zip(names, row, strict=True)))
    return found


def _refused(where: str, what: str, why: str) -> Failure:
    return Failure(where=where, what=what, why=why, next="mend the file, or name another", code=Exit.USAGE)
