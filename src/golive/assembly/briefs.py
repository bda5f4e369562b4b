"""A project's brief, read from its file."""

from pathlib import Path
from typing import TYPE_CHECKING

from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.protocol.applicability import Applicability

MOST_BYTES = 1024 * 1024


def applicability(path: str) -> "Applicability":
    """Whether the brief calls for live operations; a brief that is not there leaves it unknown."""
    from golive.protocol.applicability import applies, missing

    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return missing(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise _unreadable(path, why) from error
    if len(content) > MOST_BYTES:
        raise _unreadable(path, f"it has more than {MOST_BYTES} bytes")
    return applies(content.decode("utf-8", errors="replace"), path)


def _unreadable(path: str, why: str) -> Failure:
    return Failure(
        where=path, what="this brief cannot be read", why=why, next="name another file", code=Exit.USAGE
    )
