"""What an instance is called, and what its name tells: `web-3f2a91c04b7d-0`.

The name of its program under the supervisor, and of its log. So every command finds instances again, and
knows whose they are, without anything being remembered.
"""

import re
from dataclasses import dataclass

from golive.release.revision import Revision

NAME = re.compile(r"web-(?P<revision>[0-9a-f]{12}(?:-[0-9a-f]{6})?)-(?P<index>\d{1,4})")


@dataclass(frozen=True, kw_only=True)
class Named:
    """An instance, as its name tells."""

    name: str
    revision: str  # Revision.name
    index: int


def name_of(revision: Revision, index: int) -> str:
    return f"web-{revision.name}-{index}"


def named(name: str) -> Named | None:
    """What the name of a program says; None when it is no instance of the service."""
    found = NAME.fullmatch(name)
    return Named(name=name, revision=found["revision"], index=int(found["index"])) if found else None
