"""A router without sockets."""

from dataclasses import dataclass

from golive.drivers.simulated.world import World
from golive.errors import Failure
from golive.release.revision import Revision
from golive.release.target import Endpoint, Pool, Routing


@dataclass(frozen=True)
class SimulatedRouter:
    """Implements `release.target.Router` on a `World`."""

    world: World

    async def observe(self) -> Routing:
        pools = {
            name: Pool(endpoints=endpoints, healthy=self.world.healthy(name))
            for name, endpoints in self.world.pools.items()
        }
        return Routing(
            weights=dict(self.world.weights),
            pools=pools,
            entry="http://front.simulated",
            header="x-golive-revision",
        )

    async def attach(self, revision: Revision, endpoints: frozenset[Endpoint]) -> None:
        if not endpoints and self.world.weights.get(revision.name):
            raise Failure(
                where=f"router, {revision.name}",
                what="its last endpoint cannot be removed",
                why=f"it has {self.world.weights[revision.name]} % of the traffic",
                next="shift the traffic away first",
            )
        self._refuse_unready(revision.name, endpoints)
        self.world.act(f"attach {revision.name} {len(endpoints)}", lambda: self._set(revision, endpoints))

    async def shift(self, new: Revision, old: Revision | None, weight: int) -> None:
        if old is None and weight not in (0, 100):
            raise Failure(
                where=f"router, {new.name}",
                what=f"{weight} % cannot be given to a single revision",
                why="the weights would not sum to 100",
                next="give 100, or 0 to withdraw it",
            )
        weights = {new.name: weight} | ({old.name: 100 - weight} if old else {})
        wanted = {name: share for name, share in weights.items() if share}
        for name in wanted:
            self._refuse_unhealthy(name)
        self.world.act(f"shift {new.name} {weight}", lambda: self._shift(wanted))

    def _refuse_unready(self, name: str, endpoints: frozenset[Endpoint]) -> None:
        """What a real router would wait for in vain."""
        copies = self.world.instances.get(name, {}).values()
        ready = {copy.endpoint for copy in copies if self.world.ready(name, copy)}
        if not endpoints <= ready | self.world.pools.get(name, frozenset()):
            raise Failure(
                where=f"router, {name}",
                what="a new endpoint did not turn healthy",
                why="nothing that is ready answers there",
                next="look at the instances: golive status",
            )

    def _refuse_unhealthy(self, name: str) -> None:
        if not self.world.healthy(name):
            raise Failure(
                where=f"router, {name}",
                what="it cannot take traffic",
                why="none of its endpoints is healthy",
                next="look at the instances: golive status",
            )

    def _set(self, revision: Revision, endpoints: frozenset[Endpoint]) -> None:
        if endpoints:
            self.world.pools[revision.name] = endpoints
        else:
            self.world.pools.pop(revision.name, None)

    def _shift(self, weights: dict[str, int]) -> None:
        self.world.weights = weights
