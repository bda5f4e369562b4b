"""A team's own exercise and its control: two commands, of which one must succeed and the other must not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from golive.evidence.claim import Exercised
from golive.release.commands import Commands

SHOWN = 300  # characters of what a command said last


@dataclass(frozen=True, kw_only=True)
class CommandCheck:
    """Proves a claim by a command in the service's folder. One that cannot be run is a `Failure`."""

    claim: str
    commands: Commands
    exercise_command: tuple[str, ...]
    control_command: tuple[str, ...]
    timeout: timedelta
    env: Mapping[str, str]  # GOLIVE_ENVIRONMENT, GOLIVE_MARKER

    async def exercise(self) -> Exercised:
        return await self._run(self.exercise_command)

    async def control(self, scratch: str) -> Exercised:
        return await self._run(self.control_command)

    async def _run(self, command: tuple[str, ...]) -> Exercised:
        ran = await self.commands.run(command, env=self.env, stdin=b"", timeout=self.timeout)
        if ran.exit_code is None:
            return Exercised(answer="refuted", because=f"{command[0]} did not end within {self.timeout}")
        said = ran.output.decode(errors="replace").strip().splitlines()[-1:]
        told = f"{command[0]} exited {ran.exit_code}" + (f": {said[0][:SHOWN]}" if said else "")
        return Exercised(answer="refuted" if ran.exit_code else "proven", because=told)
