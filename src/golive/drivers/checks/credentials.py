"""Accounts and credentials: each is there, and where a command can use it, it is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from golive.drivers.checks.faults import every
from golive.evidence.claim import Exercised
from golive.release.commands import Commands, Ran
from golive.spec.values import Credential

TIMEOUT = timedelta(minutes=1)
NOWHERE = "GOLIVE_NO_SUCH_CREDENTIAL"


@dataclass(frozen=True, kw_only=True)
class CredentialsValid:
    """Looks at every credential that readiness.credentials names."""

    root: Path
    environ: Mapping[str, str]
    commands: Commands
    credentials: Sequence[Credential]
    claim: str = "credentials-valid"

    async def exercise(self) -> Exercised:
        faults = [fault for one in self.credentials if (fault := await self._fault(one))]
        if faults:
            return Exercised(answer="refuted", because="; ".join(faults), next="mend it, then golive ready again")
        names = ", ".join(one.name for one in self.credentials)
        return Exercised(answer="proven", because=f"each is there and accepted: {names}")

    async def control(self, scratch: str) -> Exercised:
        """Every single one with a wrong credential: one that is accepted all the same proves nothing."""
        wrong = replace(self, root=Path(scratch), environ={})
        return await every(
            {one.name: replace(wrong, credentials=(_spoiled(one),)).exercise() for one in self.credentials}
        )

    async def _fault(self, one: Credential) -> str:
        if one.env:
            return "" if self.environ.get(one.env) else f"{one.name}: the variable {one.env} is not set"
        if one.file:
            return self._fault_of_file(one)
        ran = await self.commands.run(one.command, env={}, stdin=b"", timeout=TIMEOUT)
        return "" if ran.exit_code == 0 else f"{one.name}: {one.command[0]} {_ended(ran)}"

    def _fault_of_file(self, one: Credential) -> str:
        path = self.root / one.file
        try:
            seen = path.stat()
        except OSError as error:
            return f"{one.name}: {one.file}: {error.strerror}"
        if seen.st_mode & 0o077:
            return f"{one.name}: {one.file} may be read by others; chmod 600 {one.file}"
        return "" if seen.st_size else f"{one.name}: {one.file} is empty"


def _spoiled(one: Credential) -> Credential:
    if one.env:
        return replace(one, env=NOWHERE)
    return replace(one, file=NOWHERE) if one.file else replace(one, command=one.control)


def _ended(ran: Ran) -> str:
    return "did not end in time" if ran.exit_code is None else f"exited {ran.exit_code}"
