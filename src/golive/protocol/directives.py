"""Performing the commands of a document: what a run needs of the outside world."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Finished:
    """How a command ended. `wrote`: files below the evidence folder that are new or changed, with SHA-256."""

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    took: timedelta
    because: str  # in a few words; what it said last
    wrote: Mapping[str, str]


class Directives(Protocol):
    """Performs the commands of a document: argv only, in the service's folder, never through a shell."""

    async def perform(self, argv: tuple[str, ...]) -> Finished:
        """Run it to its end. `Failure` when it cannot be run at all."""
        ...
