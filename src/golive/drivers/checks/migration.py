"""A migration of data: forward and back on a copy, which must then hold what it held before."""

import hashlib
import shlex
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from golive.drivers.checks.faults import every
from golive.evidence.claim import Exercised
from golive.release.commands import Commands
from golive.spec.values import Migration

MOST_STATE_BYTES = 1024 * 1024  # what a command prints beyond that is not kept


@dataclass(frozen=True, kw_only=True)
class MigrationReversible:
    """Runs copy, forward, backward. `promised`: how many earlier revisions the environment can go back to.

    A migration that says that it cannot go back is refused as long as a way back is promised. Where none is, it
    must still run on the copy, and change it.
    """

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
            if self.migration.irreversible:
                return await self._only_there(copy)
            return await self._there_and_back(copy)

    async def control(self, scratch: str) -> Exercised:
        """The way back does nothing: the copy must be seen to hold something else."""
        copy = Path(scratch) / "copy"
        copy.mkdir()
        if self.migration.irreversible:
            stays = replace(self.migration, forward=())
            return await every(
                {"a migration that does nothing": replace(self, migration=stays)._only_there(str(copy))}
            )
        stays = replace(self.migration, backward=())
        return await every(
            {"a way back that does nothing": replace(self, migration=stays)._there_and_back(str(copy))}
        )

    async def _there_and_back(self, copy: str) -> Exercised:
        before, after, fault = await self._states(copy, self.migration.forward, self.migration.backward)
        if fault or before != after:
            because = fault or "after going back, the copy does not hold what it held before"
            next_step = "mend it: a release must be able to go back"
            return Exercised(answer="refuted", because=because, next=next_step)
        facts = {"state_before": before, "state_after": after}
        return Exercised(
            answer="proven", because="forward and back, the copy holds what it held before", facts=facts
        )

    async def _only_there(self, copy: str) -> Exercised:
        before, after, fault = await self._states(copy, self.migration.forward)
        if fault or before == after:
            because = fault or "the copy holds what it held before: nothing was migrated"
            return Exercised(answer="refuted", because=because, next="mend the forward command")
        facts = {"state_before": before, "state_after": after}
        because = "it ran on a copy; it has no way back, and none is promised here"
        return Exercised(answer="proven", because=because, facts=facts)

    async def _states(self, copy: str, *ways: tuple[str, ...]) -> tuple[str, str, str]:
        """SHA-256 of what a fresh copy holds before and after the commands, or why that is not known."""
        state, found = self.migration.state, []
        for command in (self.migration.copy, state, *filter(None, ways), state):
            ran = await self.commands.run(
                command, env={"GOLIVE_COPY": copy}, stdin=b"", timeout=self.migration.timeout
            )
            if ran.exit_code != 0:
                ended = "did not end in time" if ran.exit_code is None else f"exited {ran.exit_code}"
                return "", "", f"{shlex.join(command)[:100]} {ended}"
            if command == state:
                if len(ran.output) >= MOST_STATE_BYTES:
                    return "", "", f"{state[0]} prints 1 MiB or more, which is not all kept: print a digest"
                found.append(hashlib.sha256(ran.output).hexdigest())
        return found[0], found[-1], ""
