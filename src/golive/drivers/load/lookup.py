"""Where a load may go: the name of a declared place is looked up once, and connections go to that address."""

import asyncio
import socket
from urllib.parse import urlsplit

from golive.drivers.load.job import LOOPBACK, PORTS, is_near
from golive.errors import Exit, Failure

LOOKUP_S = 10.0


async def near_address(url: str, where: str, *, public: bool) -> str:
    """The address of the host. Without `public` every address that the name has must be near.

    Looked up once, so that a name that points elsewhere a moment later leads nobody astray.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "localhost":
        return LOOPBACK
    try:
        async with asyncio.timeout(LOOKUP_S):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, parts.port or PORTS.get(parts.scheme, 80), type=socket.SOCK_STREAM
            )
    except (OSError, TimeoutError, ValueError) as error:
        raise Failure(
            where=where,
            what=f"{host or url} cannot be found",
            why=str(error) or "nobody answered in time",
            next="mend load.url, or the name service of this machine",
            code=Exit.USAGE,
        ) from error
    addresses = [str(one[4][0]) for one in found]
    far = [address for address in addresses if not is_near(address)]
    if far and not public:
        raise Failure(
            where=where,
            what=f"{host} is not near: {far[0]}",
            why="load on somebody else's service is an attack",
            next="if it is yours to load, say so with load.public: true",
            code=Exit.REFUSED,
        )
    return addresses[0]
