"""A target without processes."""

from dataclasses import dataclass
from datetime import timedelta

from golive.drivers.simulated.world import SimulatedInstance, World
from golive.errors import Failure
from golive.release.revision import Revision
from golive.release.target import Capabilities, Instance


@dataclass(frozen=True)
class SimulatedTarget:
    """Implements `release.target.Target` on a `World`."""

    world: World

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(weighted=True, header_route=True, mirror=False, faults=True)

    async def observe(self) -> tuple[Instance, ...]:
        return tuple(
            self._seen(revision, copy)
            for revision, copies in sorted(self.world.instances.items())
            for _, copy in sorted(copies.items())
        )

    async def prepare(self, revision: Revision) -> None:
        self._refuse_corrupt(revision)
        self.world.act(f"prepare {revision.name}", lambda: None)

    async def start(self, revision: Revision, instances: int) -> None:
        self._refuse_corrupt(revision)
        self.world.act(f"start {revision.name} {instances}", lambda: self._start(revision, instances))

    async def stop(self, revision: Revision, keep: int, drain: timedelta) -> None:
        self.world.act(f"stop {revision.name} {keep}", lambda: self._stop(revision, keep))

    async def logs(self, revision: str | None, lines: int) -> dict[str, tuple[str, ...]]:
        """Nothing here prints anything."""
        return {}

    def _seen(self, revision: str, copy: SimulatedInstance) -> Instance:
        ready = self.world.ready(revision, copy)
        crashes = self.world.behaviour(revision).crashes
        return Instance(
            revision=revision,
            index=copy.index,
            phase="failed" if crashes else "running",
            ready=ready,
            why="200" if ready else "exited 1" if crashes else "connection refused",
            endpoint=copy.endpoint,
            started_at=copy.started_at,
        )

    def _refuse_corrupt(self, revision: Revision) -> None:
        if self.world.behaviour(revision.name).corrupt:
            raise Failure(
                where=f"revision {revision.name}",
                what="its bytes do not hash to its digest",
                why="a file was changed after it was built",
                next="build it again: golive deploy",
            )

    def _start(self, revision: Revision, instances: int) -> None:
        copies = self.world.instances.setdefault(revision.name, {})
        for index in range(instances):
            if index not in copies:
                copies[index] = SimulatedInstance(
                    index=index, endpoint=self.world.address(), started_at=self.world.now
                )

    def _stop(self, revision: Revision, keep: int) -> None:
        copies = self.world.instances.get(revision.name, {})
        kept = {index: copy for index, copy in copies.items() if index < keep}
        self.world.instances[revision.name] = kept
        if not kept:
            del self.world.instances[revision.name]
