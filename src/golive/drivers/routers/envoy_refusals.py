"""What the front door refuses to do, each with its reason. Pure."""

import ipaddress
import re
from collections.abc import Mapping

from golive.drivers.routers.envoy_admin import Pools
from golive.drivers.routers.envoy_routes import Division
from golive.errors import Failure
from golive.release.revision import Revision
from golive.release.target import Endpoint, Pool


def weights_of(new: Revision, old: Revision | None, weight: int) -> Mapping[str, int]:
    """Shares above zero. A share that nobody would get is refused, not given to somebody else."""
    complete = old is not None or weight in (0, 100)
    if not 0 <= weight <= 100 or not complete or (old is not None and old.name == new.name):
        raise Failure(
            where=f"front door, {new.name}",
            what=f"a weight of {weight} % cannot be set",
            why="weights are whole percents from 0 to 100; without another revision only 0 and 100 are possible",
            next="ask for 100, or name the revision that gets the rest",
        )
    shares = {new.name: weight} | ({old.name: 100 - weight} if old else {})
    return {name: share for name, share in shares.items() if share}


def pool_of(pools: Pools, name: str) -> Pool:
    hosts = pools.get(name, ())
    return Pool(endpoints=frozenset(h.endpoint for h in hosts), healthy=sum(h.healthy for h in hosts))


def refuse_unhealthy(name: str, pools: Pools) -> None:
    """Envoy itself accepts a weight for a cluster that it does not know, and answers 503."""
    if pool_of(pools, name).healthy:
        return
    size = len(pools.get(name, ()))
    raise Failure(
        where=f"front door, {name}",
        what="it cannot take traffic",
        why=f"none of its {size} endpoints is healthy" if size else "no endpoint of it is attached",
        next="look at the instances: golive status",
    )


def refuse_weighted(name: str, division: Division) -> None:
    if division.weights.get(name):
        raise Failure(
            where=f"front door, {name}",
            what="its last endpoint cannot be removed",
            why=f"it has {division.weights[name]} % of the traffic",
            next="shift the traffic away first",
        )


def refuse_unusable(revision: Revision, endpoints: frozenset[Endpoint]) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", revision.name):
        raise Failure(
            where=f"front door, {revision.name}",
            what="its name cannot be used in Envoy's statistics",
            why="only lower-case letters, digits and - are possible",
        )
    for endpoint in endpoints:
        refuse_name(endpoint.host)


def refuse_name(host: str) -> None:
    try:
        ipaddress.ip_address(host)
    except ValueError as error:
        raise Failure(
            where="front door",
            what=f'"{host}" is not an IP address',
            why="Envoy is given addresses, so that a name can never point elsewhere later",
            next="write the address, such as 127.0.0.1",
        ) from error
