"""Asking a running Envoy what is in force, over its admin socket, and reading its answers."""

import asyncio
import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from golive.drivers.routers.envoy_config import LISTENER_STAT, ROUTE_CONFIG
from golive.drivers.routers.envoy_routes import Division, read_table
from golive.errors import Failure
from golive.release.target import Endpoint

ANSWER_LIMIT_S = 2.0  # answers take below a millisecond: this is a proxy that hangs

VERSIONS = {
    "lds": "listener_manager.lds",
    "cds": "cluster_manager.cds",
    "rds": f"http.{LISTENER_STAT}.rds.{ROUTE_CONFIG}",
}


class Unreachable(Failure):
    """Nobody answers on the admin socket: Envoy is not running, or is just being restarted."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """One endpoint of a pool, as Envoy sees it."""

    endpoint: Endpoint
    healthy: bool  # may get new requests
    draining: bool
    active: int  # requests in flight
    total: int  # requests ever sent to it


Pools = Mapping[str, tuple[Host, ...]]


@dataclass(frozen=True)
class Admin:
    """The admin interface behind a unix socket. Every call is a new connection, bounded in time."""

    socket: Path

    async def get(self, path: str) -> str:
        return await self._answer("GET", path)

    async def post(self, path: str) -> str:
        return await self._answer("POST", path)

    async def is_live(self) -> bool:
        """Started, with its first clusters and listener read. Raises `Unreachable` when nobody answers."""
        code, _ = await asyncio.to_thread(self._ask, "GET", "/ready")
        return code == http.client.OK

    async def division(self) -> tuple[str, Division] | None:
        """The route table in force and its version; None while there is none yet."""
        shown = json.loads(await self.get("/config_dump?resource=dynamic_route_configs"))
        for config in shown.get("configs", ()):
            table = config.get("route_config", {})
            if table.get("name") == ROUTE_CONFIG:
                return config.get("version_info", ""), read_table(table)
        return None

    async def pools(self) -> Pools:
        """Every cluster that is loaded, with its endpoints."""
        shown = json.loads(await self.get("/clusters?format=json"))
        return {
            cluster["name"]: tuple(_host(status) for status in cluster.get("host_statuses", ()))
            for cluster in shown.get("cluster_statuses", ())
        }

    async def version(self, name: str) -> str:
        """The version of a file that was applied last, "" for none. Names are those of the files."""
        stat = f"{stat_prefix(name)}.version_text"
        shown = await self.get(f"/stats?type=TextReadouts&format=json&filter={exactly(stat)}")
        return next((s["value"] for s in json.loads(shown)["stats"] if s.get("name") == stat), "")

    async def number(self, stat: str) -> int:
        """One counter or gauge; 0 for one that was never touched."""
        shown = json.loads(await self.get(f"/stats?format=json&filter={exactly(stat)}"))
        return next((int(s["value"]) for s in shown["stats"] if s.get("name") == stat), 0)

    async def _answer(self, method: str, path: str) -> str:
        code, body = await asyncio.to_thread(self._ask, method, path)
        if code != http.client.OK:
            raise Failure(
                where="front door",
                what=f"Envoy refused {method} {path} with code {code}",
                why=body.strip()[:300],
                next="read envoy.log in the environment's folder",
            )
        return body

    def _ask(self, method: str, path: str) -> tuple[int, str]:
        connection = _UnixConnection(self.socket)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(
                where="front door",
                what="Envoy does not answer on its admin socket",
                why=f"{self.socket}: {error or type(error).__name__}",
                next="wait a moment and run the command again; its log is envoy.log in the environment's folder",
            ) from error
        finally:
            connection.close()


def stat_prefix(name: str) -> str:
    """Where Envoy counts updates of a file: `lds`, `cds`, `rds`, or `eds_<cluster>`."""
    return VERSIONS.get(name) or f"cluster.{name.removeprefix('eds_')}"


def exactly(stat: str) -> str:
    """A filter for one statistic, ready for a query."""
    return quote("^" + stat.replace(".", "\\.") + "$")


def _host(shown: Mapping[str, Any]) -> Host:
    where = shown["address"]["socket_address"]
    health = shown.get("health_status", {})
    # A flag is present only when it is true: failed_active_health_check, failed_outlier_check, …
    failing = any(value is True for flag, value in health.items() if flag.startswith(("failed_", "pending_")))
    numbers = {stat["name"]: int(stat.get("value", 0)) for stat in shown.get("stats", ())}
    return Host(
        endpoint=Endpoint(host=where["address"], port=where["port_value"]),
        healthy=not failing and health.get("eds_health_status", "HEALTHY") in ("HEALTHY", "UNKNOWN"),
        draining=health.get("eds_health_status") == "DRAINING",
        active=numbers.get("rq_active", 0) + numbers.get("rq_pending_active", 0),
        total=numbers.get("rq_total", 0),
    )


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("envoy", timeout=ANSWER_LIMIT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
