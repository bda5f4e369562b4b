"""The front door as a release sees it: Envoy, told by files, believed only when read back.

Order of a change: endpoints → healthy → routes. Order of a removal: routes → drained → endpoints.
Nothing here sleeps to be safe; every step waits for what Envoy itself reports.
"""

import asyncio
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from golive.drivers.routers.envoy_admin import Admin, Pools, Unreachable
from golive.drivers.routers.envoy_config import Message, Settings, cluster, endpoints_file, load_assignment
from golive.drivers.routers.envoy_door import Door, until
from golive.drivers.routers.envoy_files import Files
from golive.drivers.routers.envoy_refusals import (
    pool_of,
    refuse_name,
    refuse_unhealthy,
    refuse_unusable,
    refuse_weighted,
    weights_of,
)
from golive.drivers.routers.envoy_routes import HEADER, Division, table
from golive.drivers.supervision import Supervisor
from golive.errors import Failure
from golive.release.revision import Revision
from golive.release.target import Capabilities, Endpoint, Routing

CAPABILITIES = Capabilities(weighted=True, header_route=True, mirror=False, faults=False)

HEALTH_SLACK = timedelta(seconds=10)  # beyond what the health check itself may take to turn green
QUIET_FOR_S = 0.1  # no request in flight and none new for this long: the workers know
QUIET_SLACK = timedelta(seconds=5)  # beyond the request timeout, after which Envoy ends a request itself
UNBOUNDED_PATIENCE = timedelta(minutes=5)  # when requests have no timeout
LOOK_S = 0.01


class EnvoyRouter:
    """Implements `release.target.Router` for one environment.

    `folder` is Envoy's own (`.golive/environments/<env>/envoy`); `program` its name under the supervisor,
    unique there.
    """

    def __init__(
        self, *, folder: Path, supervisor: Supervisor, settings: Settings, program: str = "front-door"
    ) -> None:
        refuse_name(settings.host)
        self.settings = settings
        self.door = Door(files=Files(folder), supervisor=supervisor, settings=settings, program=program)

    @property
    def admin(self) -> Admin:
        """What `drivers.metrics.envoy` scrapes."""
        return self.door.admin

    async def observe(self) -> Routing:
        """Traffic as Envoy divides it now.

        `Failure` while Envoy is being (re)started: it will take up its files again, so "no traffic" would be
        wrong. Without a front door nothing has weight, whatever old files say.
        """
        try:
            division, pools = await asyncio.gather(_division(self.admin), self.admin.pools())
        except Unreachable:
            if await self.door.is_open():
                raise
            return Routing(weights={}, pools={}, entry="", header=HEADER)
        return Routing(
            weights=division.weights,
            pools={name: pool_of(pools, name) for name in pools},
            entry=self.door.entry,
            header=HEADER,
        )

    async def attach(self, revision: Revision, endpoints: frozenset[Endpoint]) -> None:
        refuse_unusable(revision, endpoints)
        if endpoints:
            await self._fill(revision.name, endpoints)
        elif await self.door.is_open():
            await self._empty(revision.name)

    async def shift(self, new: Revision, old: Revision | None, weight: int) -> None:
        weights = weights_of(new, old, weight)
        if not weights and not await self.door.is_open():
            return  # no front door, no traffic
        admin = await self.door.open()
        pools, before = await asyncio.gather(admin.pools(), _division(admin))
        for name in weights:
            refuse_unhealthy(name, pools)
        await self._divide(Division(weights=weights, marked=before.marked))
        if (await _division(admin)).weights != weights:
            raise Failure(
                where="front door",
                what="the weights that were read back are not those that were set",
                next="see whether another golive works on this environment: golive status",
            )

    async def shutdown(self, drain: timedelta) -> None:
        """The front door is closed and Envoy gone; requests in flight get `drain` to end."""
        await self.door.close(drain)

    async def _fill(self, name: str, endpoints: frozenset[Endpoint]) -> None:
        """Union of old and new → the new are healthy → the old drain → only the new are left."""
        admin = await self.door.open()
        pools = await admin.pools()
        hosts = pools.get(name, ())
        leaving = frozenset(h.endpoint for h in hosts) - endpoints
        draining = frozenset(h.endpoint for h in hosts if h.draining) & leaving
        await self._assign(name, endpoints | leaving, draining, pools)
        await self._healthy(name, endpoints)
        before = await _division(admin)
        if name not in before.marked:
            await self._divide(Division(weights=before.weights, marked=before.marked | {name}))
        if leaving:
            await self._drain(name, endpoints, leaving)
            await self._assign(name, endpoints, frozenset(), pools)

    async def _empty(self, name: str) -> None:
        """No route names it → its requests end → it is gone."""
        admin = await self.door.open()
        pools, before = await asyncio.gather(admin.pools(), _division(admin))
        refuse_weighted(name, before)
        if name in before.marked:
            await self._divide(Division(weights=before.weights, marked=before.marked - {name}))
        if name in pools:
            await self._drain(name, frozenset(), frozenset(h.endpoint for h in pools[name]))
            await self.door.apply("cds", self._clusters(frozenset(pools) - {name}))
        self.door.files.remove_endpoints(name)

    async def _divide(self, division: Division) -> None:
        await self.door.apply("rds", [table(division, self.settings.request_timeout)])

    async def _assign(
        self, name: str, endpoints: frozenset[Endpoint], draining: frozenset[Endpoint], pools: Pools
    ) -> None:
        """The pool is these endpoints. Its file comes first: a cluster without one would wait for it."""
        file = endpoints_file(name)
        version = self.door.files.put(file, [load_assignment(name, endpoints, draining)])
        clusters = self._clusters(frozenset(pools) | {name})
        if name not in pools or clusters != self.door.files.resources("cds"):
            await self.door.apply("cds", clusters)
        await self.door.confirm(file, version)

    def _clusters(self, names: Iterable[str]) -> list[Message]:
        folder = str(self.door.files.folder.resolve())
        return [cluster(folder, name, self.settings.health) for name in sorted(names)]

    async def _healthy(self, name: str, endpoints: frozenset[Endpoint]) -> None:
        waiting = endpoints

        async def are_healthy() -> bool:
            nonlocal waiting
            hosts = (await self.admin.pools()).get(name, ())
            waiting = endpoints - {h.endpoint for h in hosts if h.healthy}
            return not waiting

        limit = HEALTH_SLACK + sum(
            ((check.interval + check.timeout) * check.healthy_after for check in self.settings.health),
            timedelta(0),
        )
        if not await until(are_healthy, limit, LOOK_S):
            raise Failure(
                where=f"front door, {name}",
                what=f"{', '.join(str(e) for e in sorted(waiting))} did not pass the front door's health check",
                why=f"it was asked for {limit.total_seconds():g} s; endpoints without a pass get no requests",
                next="look at the instances and their logs: golive status, golive logs",
            )

    async def _drain(self, name: str, staying: frozenset[Endpoint], leaving: frozenset[Endpoint]) -> None:
        """The leaving endpoints get nothing new, and what they have has ended."""
        file = endpoints_file(name)
        await self.door.apply(file, [load_assignment(name, staying | leaving, leaving)])
        busy, served, since = 0, -1, time.monotonic()

        async def are_quiet() -> bool:
            nonlocal busy, served, since
            hosts = [h for h in (await self.admin.pools()).get(name, ()) if h.endpoint in leaving]
            busy, total = sum(h.active for h in hosts), sum(h.total for h in hosts)
            if busy or total != served:
                served, since = total, time.monotonic()
            return time.monotonic() - since >= QUIET_FOR_S

        timeout = self.settings.request_timeout
        limit = timeout + QUIET_SLACK if timeout else UNBOUNDED_PATIENCE
        if not await until(are_quiet, limit, LOOK_S):
            raise Failure(
                where=f"front door, {name}",
                what=f"{busy} requests are still in flight on endpoints that should leave",
                why=f"they were given {limit.total_seconds():g} s; no new ones were sent there",
                next="run the command again, or give the environment a shorter request_timeout",
            )


async def _division(admin: Admin) -> Division:
    found = await admin.division()
    if found is None:
        raise Unreachable(
            where="front door",
            what="Envoy has not read its routes yet",
            why="it is just being started",
            next="run the command again in a moment",
        )
    return found[1]
