"""Keeping processes alive beyond the command that started them.

Target and router drivers need it, `drivers.supervisors.supervisord` gives it, `golive.assembly` joins them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process to keep running. No shell: `command` is an argument list."""

    name: str  # [a-z0-9][a-z0-9.-]{0,63}
    command: tuple[str, ...]
    folder: str  # working directory
    env: Mapping[str, str] = field(default_factory=dict)  # the whole environment, nothing is inherited
    log: str  # stdout and stderr, appended and rotated
    drain: timedelta = timedelta(seconds=10)  # SIGTERM → SIGKILL when stopped
    restarts: int = 3  # attempts to start before it counts as failed
    note: str = ""  # handed back with what is seen of it; no secret


@dataclass(frozen=True, kw_only=True)
class Running:
    """A program as the supervisor sees it."""

    name: str
    phase: Literal["starting", "running", "failed", "stopping", "stopped"]
    pid: int
    why: str
    started_at: datetime
    note: str = ""  # of the program that runs, which need not be the one that was asked for last


class Supervisor(Protocol):
    """Outlives the caller; every verb names an end state."""

    async def ensure(self, program: Program) -> None:
        """Running, or being started. A program of that name that runs already is adopted as it is."""
        ...

    async def remove(self, name: str, drain: timedelta) -> None:
        """Gone, SIGTERM first. Unknown names are fine."""
        ...

    async def programs(self) -> Mapping[str, Running]:
        """All of them; empty when the supervisor is not running. Starts nothing."""
        ...

    async def shutdown(self) -> None:
        """Everything stopped, the supervisor itself included."""
        ...
