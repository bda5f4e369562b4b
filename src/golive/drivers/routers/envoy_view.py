"""Looking at a front door without being able to change it: what `golive status` needs, and no more."""

import asyncio
from pathlib import Path
from typing import Any

from golive.drivers.routers import envoy_place
from golive.drivers.routers.envoy_admin import Admin
from golive.drivers.routers.envoy_files import Files
from golive.drivers.routers.envoy_refusals import pool_of
from golive.drivers.routers.envoy_routes import HEADER
from golive.errors import Failure
from golive.release.target import Routing


async def read_back(folder: Path) -> Routing:
    """The routing of the Envoy in `folder` as it is in force; `Failure` when it does not answer."""
    admin = Admin(envoy_place.admin_socket(folder))
    found, pools = await asyncio.gather(admin.division(), admin.pools())
    if found is None:
        raise Failure(where="front door", what="Envoy has not read its routes yet", why="it is just being started")
    return Routing(
        weights=found[1].weights,
        pools={name: pool_of(pools, name) for name in pools},
        entry=_entry(Files(folder)),
        header=HEADER,
    )


def _entry(files: Files) -> str:
    """The URL that the listener's file names."""
    listeners = files.resources("lds") or []
    if not listeners:
        return ""
    listener: Any = listeners[0]
    address = listener["address"]["socket_address"]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address["address"], address["address"])
    return f"http://{f'[{host}]' if ':' in host else host}:{address['port_value']}"
