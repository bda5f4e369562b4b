"""Asking instances and the front door: HTTP by httpx2, TCP, or a command of the operator.

Loopback and declared addresses only, no redirects, no proxies from the environment, http and https only, at
most 64 KiB of an answer, every question bounded in time as a whole. A new connection each time: a check must
show that the instance accepts one, and a kept one may have died with the instance that it reached.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from golive.judge.probe import Reply, Request
from golive.spec.values import HealthCheck

if TYPE_CHECKING:
    import httpx2

MOST_BYTES = 64 * 1024
SCHEMES = ("http", "https")
INHERITED = ("PATH", "HOME", "LANG")
HEADERS = {"accept-encoding": "identity", "user-agent": "golive"}  # unpacking an answer could cost any amount


@dataclass
class HttpProber:
    """Implements `judge.probe.Prober`.

    Commands run in `folder`, that of golive.yaml. `declared` are hosts besides loopback that may be asked.
    The client is made at the first question and closed by `aclose`, or at the end of `async with`.
    """

    folder: Path = Path()
    declared: frozenset[str] = frozenset()
    _client: "httpx2.AsyncClient | None" = field(default=None, init=False, repr=False)

    async def call(self, request: Request) -> Reply:
        """Send the request and read the answer; what goes wrong is a `fault` of the reply, never an exception."""
        refusal = self._refusal(request.url)
        if refusal:
            return Reply(code=0, fault=refusal)
        began = time.monotonic()
        try:
            async with asyncio.timeout(request.timeout.total_seconds()):
                return await self._exchange(request, began)
        except TimeoutError:
            fault = f"no whole answer within {request.timeout / timedelta(milliseconds=1):g} ms"
        except Exception as error:  # httpx2 has many kinds, and some servers answer with garbage
            fault = _reason(error)
        return Reply(code=0, elapsed_ms=_since(began), fault=fault)

    async def check(self, check: HealthCheck, host: str, port: int) -> str:
        """ "" when the check passes, else the reason in a few words."""
        match check.kind:
            case "http":
                return await self._check_http(check, host, port)
            case "tcp":
                return await self._check_tcp(check, host, port)
            case "command":
                return await self._check_command(check, host, port)

    async def aclose(self) -> None:
        """Close the client."""
        if self._client:
            await self._client.aclose()
            self._client = None

    async def __aenter__(self) -> "HttpProber":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _exchange(self, request: Request, began: float) -> Reply:
        content = None if request.body is None else request.body.encode()
        headers = {**HEADERS, **request.headers}
        async with self._open_client().stream(
            request.method, request.url, headers=headers, content=content
        ) as answer:
            body = bytearray()
            async for chunk in answer.aiter_raw():
                body += chunk[: MOST_BYTES - len(body)]
                if len(body) >= MOST_BYTES:
                    break
            return Reply(
                code=answer.status_code,
                headers={name.lower(): value for name, value in answer.headers.items()},
                text=body.decode(_charset(answer.encoding), errors="replace"),
                elapsed_ms=_since(began),
            )

    def _open_client(self) -> "httpx2.AsyncClient":
        if self._client is None:
            import httpx2

            limits = httpx2.Limits(max_keepalive_connections=0)
            self._client = httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=None, limits=limits)
        return self._client

    def _refusal(self, url: str) -> str:
        """Why the address may not be asked, or ""."""
        try:
            parts = urlsplit(url)
            scheme, host, _ = parts.scheme, parts.hostname or "", parts.port
        except ValueError as error:
            return f"this is no address: {error}"
        if scheme not in SCHEMES:
            return f"only http and https are asked, not {scheme or 'nothing'}"
        return self._foreign(host)

    def _foreign(self, host: str) -> str:
        if host in self.declared or host == "localhost":
            return ""
        try:
            loopback = ip_address(host).is_loopback
        except ValueError:  # a name, or one of the odd spellings of an address that resolvers accept
            loopback = False
        return "" if loopback else f"{host or 'no host'} is neither loopback nor declared"

    async def _check_http(self, check: HealthCheck, host: str, port: int) -> str:
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{port}{check.path}"
        reply = await self.call(Request(method="GET", url=url, timeout=check.timeout))
        if reply.fault or reply.code == check.code:
            return reply.fault
        return f"{check.path} answered {reply.code}, not {check.code}"

    async def _check_tcp(self, check: HealthCheck, host: str, port: int) -> str:
        refusal = self._foreign(host)
        if refusal:
            return refusal
        try:
            async with asyncio.timeout(check.timeout.total_seconds()):
                _, writer = await asyncio.open_connection(host, port)
        except TimeoutError:
            return f"no connection within {check.timeout / timedelta(milliseconds=1):g} ms"
        except OSError as error:
            return _reason(error)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return ""

    async def _check_command(self, check: HealthCheck, host: str, port: int) -> str:
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        env = {**kept, "HOST": host, "PORT": str(port)}
        try:
            child = await _spawn(check.command, self.folder, env)
        except (OSError, ValueError) as error:
            return f"{check.command[0]} cannot be run: {_reason(error)}"
        try:
            async with asyncio.timeout(check.timeout.total_seconds()):
                code = await child.wait()
        except TimeoutError:
            return f"{check.command[0]} did not end within {check.timeout / timedelta(milliseconds=1):g} ms"
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
        return "" if code == 0 else f"{check.command[0]} exited {code}"


async def _spawn(command: tuple[str, ...], folder: Path, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    nowhere = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=env, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
    )


def _charset(named: str | None) -> str:
    try:
        "".encode(named or "utf-8")
    except LookupError:
        return "utf-8"
    return named or "utf-8"


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _reason(error: BaseException) -> str:
    """The innermost cause in a few words: "connection refused", not the name of a class three layers up."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, OSError) and cause.errno:
            return (os.strerror(cause.errno) if cause.errno > 0 else str(cause)).lower()
        inner = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else None
        error, cause = cause, inner or cause.__cause__ or cause.__context__
    return str(error) or type(error).__name__
