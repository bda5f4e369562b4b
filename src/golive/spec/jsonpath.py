"""Paths into a JSON answer, such as `items[0].id`: names with dots between, places in lists in brackets."""

import re
from typing import Any

from golive.spec.fault import Fault, shown
from golive.spec.kind import Kind
from golive.spec.texts import text_of

STEP = re.compile(r"\[(\d{1,6})\]|(?:^|(?<=.)\.)([^.\[\]\s\"'$*]+)")

LONGEST = 200  # characters
WHY = "names with . between them and places in lists as [0]; no wildcards or filters"


def json_path() -> Kind:
    """A path; kept as text, in the form that `steps` reads."""

    def read(value: Any) -> str:
        written = text_of(value)
        steps(written)
        return written

    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    return Kind(words="a JSON path", limits=WHY, read=read, schema=schema)


def steps(path: str) -> tuple[str | int, ...]:
    """`items[0].id` → ("items", 0, "id"); `Fault` for anything that is not a path."""
    found = _steps(path)
    if not found:
        raise Fault(
            f"{shown(path)} is not a JSON path", why=f"it takes {WHY}", next=f"write for instance {_nearer(path)}"
        )
    return found


def _steps(path: str) -> tuple[str | int, ...]:
    found: list[str | int] = []
    at = 0
    while at < len(path) <= LONGEST and (step := STEP.match(path, at)):
        found.append(int(step[1]) if step[1] else step[2])
        at = step.end()
    return tuple(found) if at == len(path) else ()


def _nearer(path: str) -> str:
    plainer = path.removeprefix("$").removeprefix(".")
    return plainer if _steps(plainer) else "items[0].id"
