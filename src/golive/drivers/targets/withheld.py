"""A target whose instances may print what cannot be redacted here: what they print is withheld.

A command that cannot read a secret cannot take it out of text either. It may still stop, shift and observe;
it just keeps and shows nothing that instances wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from golive.release.revision import Revision
from golive.release.target import Capabilities, Instance, Target

WITHHELD = "its output is withheld: a secret of this environment cannot be read here"


@dataclass(frozen=True)
class WithheldTarget:
    """Implements `release.target.Target` and `controller.outside.Logs` around another target."""

    inner: Target

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    async def observe(self) -> tuple[Instance, ...]:
        seen = await self.inner.observe()
        return tuple(replace(i, why=WITHHELD) if i.why and not i.ready else i for i in seen)

    async def prepare(self, revision: Revision) -> None:
        await self.inner.prepare(revision)

    async def start(self, revision: Revision, instances: int) -> None:
        await self.inner.start(revision, instances)

    async def stop(self, revision: Revision, keep: int, drain: timedelta) -> None:
        await self.inner.stop(revision, keep, drain)

    async def logs(self, revision: str | None, lines: int) -> Mapping[str, tuple[str, ...]]:
        return {}
