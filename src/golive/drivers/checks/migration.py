"""A migration of data: forward and back on a copy, which must then hold what it held before."""

import tempfile
from dataclasses import dataclass

from golive.evidence.claim import Exercised
from golive.release.commands import Commands
from golive.spec.values import Migration


@dataclass(frozen=True, kw_only=True)
class MigrationReversible:
    """Runs copy, forward, backward. `promised`: how many earlier revisions the environment can go back to."""

    commands: Commands
    migration: Migration
    promised: int
    claim: str = "migration-reversible"

    async def exercise(self) -> Exercised:
        if self.migration.irreversible and self.promised:
            return Exercised(
                answer="refuted",
                because="it has a step without a way back while a rollback is promised",
                next="expand first, contract in a later release; or retain: 0 for this one",
            )
        with tempfile.TemporaryDirectory(prefix="golive-migration-") as copy:
            return await self._there_and(copy, back=not self.migration.irreversible)

    async def control(self, scratch: str) -> Exercised:
        """The way back is left out: the copy must be seen to hold something else."""
        return await self._there_and(scratch, back=False)

    async def _there_and(self, copy: str, *, back: bool) -> Exercised:
        before = b""
        plan = [
            ("copy", self.migration.copy),
            ("state", self.migration.state),
            ("forward", self.migration.forward),
        ]
        plan += [("backward", self.migration.backward)] if back else []
        for name, command in (*plan, ("state", self.migration.state)):
            ran = await self.commands.run(
                command, env={"GOLIVE_COPY": copy}, stdin=b"", timeout=self.migration.timeout
            )
            if ran.exit_code != 0:
                return Exercised(answer="refuted", because=f"{name}: {command[0]} exited {ran.exit_code}")
            if name == "state" and not before:
                before = ran.output or b"(nothing)"
            after = ran.output or b"(nothing)"
        if before == after:
            return Exercised(answer="proven", because="the copy holds what it held before")
        return Exercised(answer="refuted", because="the copy does not hold what it held before")
