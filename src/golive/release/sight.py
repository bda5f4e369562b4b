"""What a controller saw in one look: instances, routing, evidence. Facts only, and questions about them."""

from dataclasses import dataclass

from golive.judge.assessment import NOTHING, Assessment
from golive.release.revision import Revision
from golive.release.target import Endpoint, Instance, Pool, Routing

NO_POOL = Pool(endpoints=frozenset(), healthy=0)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One look at an environment. `assessment` is where the evidence on the new revision stands."""

    instances: tuple[Instance, ...]
    routing: Routing
    assessment: Assessment = NOTHING

    def of(self, revision: Revision, below: int | None = None) -> tuple[Instance, ...]:
        """Instances of a revision, those with an index under `below` when it is given."""
        return tuple(
            i for i in self.instances if i.revision == revision.name and (below is None or i.index < below)
        )

    def ready(self, revision: Revision, below: int | None = None) -> tuple[Instance, ...]:
        return tuple(i for i in self.of(revision, below) if i.ready and i.phase == "running")

    def endpoints(self, revision: Revision, below: int) -> frozenset[Endpoint]:
        """Addresses of the first `below` instances."""
        return frozenset(i.endpoint for i in self.of(revision, below) if i.endpoint)

    def pool(self, revision: Revision) -> Pool:
        return self.routing.pools.get(revision.name, NO_POOL)

    def weight(self, revision: Revision) -> int:
        return self.routing.weights.get(revision.name, 0)

    def names(self) -> frozenset[str]:
        """Every revision that runs or is known to the router."""
        return frozenset(i.revision for i in self.instances) | frozenset(self.routing.pools)
