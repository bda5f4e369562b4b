"""Adding the first files to a folder, without ever touching what is there."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from golive.errors import Failure
from golive.spec.draft.files import File

Deed = Literal["written", "added to", "kept"]


def add(folder: Path, files: Iterable[File]) -> tuple[tuple[str, Deed], ...]:
    """Write each file, and say what was done; one that is there is kept as it is.

    `added to`: lines were put at the end of a file that is meant to grow.
    """
    return tuple((file.path, _add(folder / file.path, file)) for file in files)


def foretell(folder: Path, files: Iterable[File]) -> tuple[tuple[str, str], ...]:
    """What `add` would do; nothing is written."""
    return tuple((file.path, _foretold(folder / file.path, file)) for file in files)


def _foretold(place: Path, file: File) -> str:
    if not os.path.lexists(place):
        return "would write"
    return "would add to" if file.append and place.is_file() else "would keep"


def _add(place: Path, file: File) -> Deed:
    try:
        if file.append and place.is_file():
            with place.open("a", encoding="utf-8") as opened:
                opened.write(file.text)
            return "added to"
        place.parent.mkdir(parents=True, exist_ok=True)
        return _written(place, file)
    except OSError as error:
        raise Failure(
            where=str(place),
            what="it cannot be written",
            why=error.strerror or str(error),
            next="make room for it and the folder writable, or use --dry-run and copy what it prints",
        ) from error


def _written(place: Path, file: File) -> Deed:
    try:
        with place.open("x", encoding="utf-8") as opened:  # fails when anything is there, a dead link too
            opened.write(file.text)
            if file.executable:  # for whoever may read it
                mode = os.fstat(opened.fileno()).st_mode
                os.fchmod(opened.fileno(), mode | (mode & 0o444) >> 2)
    except FileExistsError:
        return "kept"
    return "written"
