"""Running the operator's own commands: hooks, smoke commands, the change tracker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that was run: `exit_code` is None when it was ended at its timeout."""

    exit_code: int | None
    output: bytes  # stdout and stderr as they came, at most 1 MiB
    elapsed_ms: int


class Commands(Protocol):
    """Runs argument lists, never a shell, bounded in time."""

    async def run(
        self, command: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes, timeout: timedelta
    ) -> Ran:
        """Run in the folder of golive.yaml with the operator's environment plus `env`.

        Raises `Failure` when the program does not exist or cannot be executed.
        """
        ...
