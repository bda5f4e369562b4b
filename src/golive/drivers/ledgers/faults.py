"""Faults of the disk under the ledger, in the words of the operator."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from golive.errors import Failure


@contextlib.contextmanager
def named(place: Path) -> Iterator[None]:
    """An `OSError` inside the block becomes a `Failure` that says where, why, and how much room there is."""
    try:
        yield
    except OSError as error:
        raise Failure(
            where=str(error.filename or place),
            what="the ledger cannot be written or read; what was being recorded is not acknowledged",
            why=f"{error.strerror or error}; {_room(place)}",
            next="mend the disk (space, rights, mount), then golive status and golive resume",
        ) from error


def read_only(folder: Path) -> Failure:
    """The answer of a writer that met a fault before."""
    return Failure(
        where=str(folder),
        what="this command only reads the ledger from now on",
        why="a write failed earlier, and what reached the disk is known only to who reads it anew",
        next="end this command, mend the disk, then golive status and golive resume",
    )


def _room(place: Path) -> str:
    with contextlib.suppress(OSError):
        disk = os.statvfs(place)
        return f"{disk.f_bavail * disk.f_frsize // 2**20} MiB and {disk.f_favail} files free there"
    return f"{place} cannot be looked at"
