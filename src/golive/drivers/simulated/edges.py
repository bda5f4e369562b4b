"""Prober, samples, commands and artifacts without an outside."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.drivers.simulated.world import BOUNDS_MS, World
from golive.evidence.record import Artifact
from golive.judge.probe import Reply, Request
from golive.judge.samples import Samples
from golive.release.commands import Ran
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


@dataclass(frozen=True)
class SimulatedArtifacts:
    """Implements `controller.outside.Artifacts`: digests without files."""

    def keep(self, path: str, content: bytes, media_type: str) -> Artifact:
        return Artifact(
            path=f"operations/{path}",
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            media_type=media_type,
        )
