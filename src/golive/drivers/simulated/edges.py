"""Prober, samples, commands and artifacts without an outside."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.drivers.simulated.world import BOUNDS_MS, World
from golive.evidence.record import Artifact
from golive.gate.admission import Decision
from golive.judge.probe import Reply, Request
from golive.judge.samples import Samples
from golive.release.commands import Ran
from golive.release.wanted import Wanted
from golive.spec.values import HealthCheck


@dataclass(frozen=True)
class SimulatedSamples:
    """Implements `judge.samples.SampleSource` on a `World`."""

    world: World

    async def read(self, revisions: Sequence[str], since: datetime) -> Samples:
        ticks = tuple(t for t in self.world.ticks if t.at > since and t.revision in revisions)
        return Samples(bounds_ms=BOUNDS_MS, ticks=ticks)


@dataclass(frozen=True)
class SimulatedProber:
    """Implements `judge.probe.Prober`; every check passes."""

    async def call(self, request: Request) -> Reply:
        return Reply(code=200, elapsed_ms=1)

    async def check(self, check: HealthCheck, host: str, port: int) -> str:
        return ""


@dataclass(frozen=True)
class SimulatedCommands:
    """Implements `controller.outside.Commands`; exits 0, or with the number planted for a command."""

    world: World
    exits: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    async def run(
        self, command: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes, timeout: timedelta
    ) -> Ran:
        self.world.act(f"run {' '.join(command)}", lambda: None)
        return Ran(exit_code=self.exits.get(command, 0), output=b"", elapsed_ms=1)


@dataclass
class SimulatedApprovals:
    """Implements `controller.outside.Approvals`: everything is approved, until somebody sets `withdrawn`."""

    world: World
    withdrawn: str = ""  # why nothing is approved any more

    def confirm(self, wanted: Wanted) -> Decision:
        self.world.act(f"confirm {wanted.new.name}", lambda: None)
        return Decision(admitted=not self.withdrawn, because=self.withdrawn or "everybody signed")


@dataclass
class SimulatedArtifacts:
    """Implements `controller.outside.Artifacts` in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def keep(self, path: str, content: bytes, media_type: str) -> Artifact:
        self.kept[f"operations/{path}"] = content
        return Artifact(
            path=f"operations/{path}",
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            media_type=media_type,
        )

    def read(self, artifact: Artifact) -> bytes:
        return self.kept[artifact.path]
