"""Asking an instance or the front door one question; the answer is a sample, not yet a judgement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from golive.spec.values import HealthCheck


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request that is ready to be sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    timeout: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back. `fault` is set, and `code` 0, when no answer came: refused, timed out, garbage."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    text: str = ""  # at most 64 KiB
    elapsed_ms: int = 0
    fault: str = ""


class Prober(Protocol):
    """The outward eye: loopback and declared addresses only, no redirects, no proxies, every call bounded."""

    async def call(self, request: Request) -> Reply: ...

    async def check(self, check: HealthCheck, host: str, port: int) -> str:
        """ "" when the check passes, else the reason in a few words."""
        ...
