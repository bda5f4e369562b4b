"""Worlds for target tests: real processes under a real supervisord, and the simulated target.

Everything lives in a temporary folder, listens on loopback, and ends with the test.
"""

import asyncio
import functools
import hashlib
import shutil
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from golive.drivers.builders.folder import FolderBuilder
from golive.drivers.probes.http import HttpProber
from golive.drivers.simulated.target import SimulatedTarget
from golive.drivers.simulated.world import Behaviour, World
from golive.drivers.supervisors.supervisord import Supervisord
from golive.drivers.targets.local import LocalTarget
from golive.evidence.record import Artifact
from golive.evidence.redaction import Redactor
from golive.release.revision import Revision
from golive.release.target import Instance, Target
from golive.spec.values import (
    Build,
    Change,
    Environment,
    HealthCheck,
    Objectives,
    SecretRef,
    Spec,
    Strategy,
    TargetChoice,
)

BACKEND = Path(__file__).with_name("target_backend.py")
PATIENCE_S = 30
QUICK = HealthCheck(
    kind="http", path="/health", interval=timedelta(milliseconds=50), healthy_after=2, unhealthy_after=2
)

Seen = tuple[Instance, ...]


@dataclass
class LocalWorld:
    """One environment of one service, whose revisions are the tiny service with one fault or another."""

    folder: Path
    health: tuple[HealthCheck, ...] = (QUICK,)
    secrets: Mapping[str, SecretRef] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)  # the environment's own variables

    def __post_init__(self) -> None:
        self.root, self.state = self.folder / "service", self.folder / "service" / ".golive"
        self.root.mkdir(parents=True, exist_ok=True)
        if not (self.root / "app.py").exists():  # a build refuses files that are just being written
            shutil.copy(BACKEND, self.root / "app.py")
        self.notes = self.folder / "notes"
        self.supervisor = Supervisord(self.state / "environments" / "production" / "supervisor")
        self.prober = HttpProber(self.root)
        self.builder = FolderBuilder(self.root, self.state, keep=kept, redactor=Redactor({}))
        self.target = self.another()

    def another(self) -> LocalTarget:
        """A second object on the same folders, as a new command would make."""
        return LocalTarget(
            root=self.root,
            state=self.state,
            environment=self.environment,
            health=self.health,
            supervisor=self.supervisor,
            prober=self.prober,
            shelf=self.builder.shelf,
            environ={"PATH": "/usr/bin:/bin", **self.environ},
        )

    @property
    def environment(self) -> Environment:
        return replace(PRODUCTION, env=self.own)

    async def revision(self, version: str = "1", fault: str = "", **settings: str) -> Revision:
        env = {"VERSION": version, "FAULT": fault, "NOTES": str(self.notes), **settings}
        run = (sys.executable, "-S", "app.py", "$PORT")
        built = replace(SPEC, revision=replace(SPEC.revision, run=run, env=env, secrets=self.secrets))
        return (await self.builder.build(built, self.environment))[0]

    def corrupt(self, revision: Revision) -> None:
        changed = self.state / "revisions" / revision.digest / "files" / "app.py"
        changed.chmod(0o600)
        changed.write_bytes(changed.read_bytes() + b"\n")

    async def until(self, is_true: Callable[[Seen], bool], target: Target | None = None) -> Seen:
        """Look until it is true of what is seen; the test fails when it never is."""
        seen: Seen = ()
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    seen = await (target or self.target).observe()
                    if is_true(seen):
                        return seen
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"never happened; seen at last: {seen}") from None

    def noted(self) -> list[str]:
        """What instances did, in order."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    async def end(self) -> None:
        for name in await self.supervisor.programs():
            await self.supervisor.remove(name, timedelta(0))
        await self.supervisor.shutdown()
        await self.prober.aclose()


@dataclass
class SimulatedTargetWorld:
    """The same questions asked of the target that dry runs and scenario tests use."""

    state: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.target = SimulatedTarget(self.state)

    def another(self) -> SimulatedTarget:
        return SimulatedTarget(self.state)

    async def revision(self, version: str = "1", fault: str = "", **settings: str) -> Revision:
        revision = Revision(digest=hashlib.sha256(f"{version} {fault} {settings}".encode()).hexdigest())
        self.state.behaviours[revision.name] = Behaviour(crashes=fault == "crash", never_ready=fault == "sick")
        return revision

    def corrupt(self, revision: Revision) -> None:
        self.state.behaviours[revision.name] = Behaviour(corrupt=True)

    async def until(self, is_true: Callable[[Seen], bool], target: Target | None = None) -> Seen:
        for _ in range(PATIENCE_S * 10):
            seen = await (target or self.target).observe()
            if is_true(seen):
                return seen
            self.state.sleep(timedelta(milliseconds=100))
        raise AssertionError(f"never happened; seen at last: {seen}")

    async def end(self) -> None:
        """Nothing is left behind."""


TargetWorld = LocalWorld | SimulatedTargetWorld


def all_ready(count: int) -> Callable[[Seen], bool]:
    return lambda seen: len(seen) == count and all(i.ready and i.phase == "running" for i in seen)


def indices(seen: Seen, revision: Revision) -> list[int]:
    return [instance.index for instance in seen if instance.revision == revision.name]


def kept(path: str, content: bytes, media_type: str) -> Artifact:
    """An artifact store that forgets."""
    digest = hashlib.sha256(content).hexdigest()
    return Artifact(path=path, sha256=digest, size_bytes=len(content), media_type=media_type)


def played(test: Callable[..., Coroutine[object, object, None]]) -> Callable[..., None]:
    """An async test as pytest takes it; the world is ended in the loop that it began in."""

    @functools.wraps(test)
    def play(world: TargetWorld, **others: object) -> None:
        async def to_the_end() -> None:
            try:
                await test(world, **others)
            finally:
                await world.end()

        asyncio.run(to_the_end())

    return play


PRODUCTION = Environment(
    name="production",
    target=TargetChoice(kind="local"),
    instances=2,
    strategy=Strategy(kind="all-at-once"),
    drain=timedelta(seconds=2),
)
SPEC = Spec(
    service="tiny",
    owner="ann",
    revision=Build(include=("app.py",), exclude=(), build=(), run=()),
    health=(QUICK,),
    smoke=None,
    objectives=Objectives(),
    environments={"production": PRODUCTION},
    change=Change(),
    digest="0" * 64,
    source="golive.yaml",
)
