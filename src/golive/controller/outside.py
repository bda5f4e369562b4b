"""Everything outside that a controller works with, and the small Protocols that it declares itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from golive.evidence.ledger import Ledger
from golive.evidence.record import Artifact
from golive.gate.admission import Decision
from golive.judge.probe import Prober
from golive.judge.samples import SampleSource
from golive.release.commands import Commands
from golive.release.target import Router, Target
from golive.release.wanted import Wanted


class Clock(Protocol):
    """Time and identity. Durations are taken from `mono_ns`, which never goes back within one boot."""

    @property
    def boot(self) -> str: ...

    def now(self) -> datetime: ...

    def mono_ns(self) -> int: ...

    def new_id(self) -> str: ...

    async def sleep(self, duration: timedelta) -> None: ...


class Logs(Protocol):
    """What instances print."""

    async def logs(self, revision: str | None, lines: int) -> Mapping[str, tuple[str, ...]]:
        """The newest lines of each instance by name; of a revision also those that were stopped."""
        ...


class Artifacts(Protocol):
    """Where files that records vouch for are kept; redacts before it writes."""

    def keep(self, path: str, content: bytes, media_type: str) -> Artifact:
        """Write `content` durably under `evidence/operations/path` and return its digest."""
        ...

    def read(self, artifact: Artifact) -> bytes:
        """The content that a record vouches for; `Failure` (exit 5) when it is missing or another."""
        ...


class Approvals(Protocol):
    """Whether people have signed for exactly this wish, by what is recorded at this moment."""

    def confirm(self, wanted: Wanted) -> Decision: ...


@dataclass(frozen=True, kw_only=True)
class Outside:
    """One environment's world.

    `redact` takes secrets out of text; whatever comes from outside passes it before it is kept or shown.
    """

    target: Target
    logs: Logs
    redact: Callable[[str], str]
    router: Router
    prober: Prober
    samples: SampleSource
    clock: Clock
    commands: Commands
    artifacts: Artifacts
    approvals: Approvals
    ledger: Ledger
