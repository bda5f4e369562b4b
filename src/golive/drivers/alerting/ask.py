"""One question to an HTTP API: bounded in time and size, by the token and certificates of golive.yaml."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from golive.errors import Failure

TIMEOUT_S = 10.0
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Api:
    """Where it is, and how one gets in. `token` is a secret and is never part of a message."""

    url: str
    name: str  # for people: "Prometheus"
    token: str = field(default="", repr=False)
    ca: str = ""

    async def ask(
        self, method: str, path: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> bytes:  # fmt: skip
        """The answer's body; `Failure` when there is none, or another code than 2xx."""
        import httpx2

        sent = dict(headers or {})
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                httpx2.AsyncClient(trust_env=False, timeout=TIMEOUT_S, verify=self._trusted()) as client,
                client.stream(method, self.url + path, content=content, data=form, headers=sent) as answer,
            ):
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise self._failed(path, "the answer is larger than 16 MiB")
                if not answer.is_success:
                    raise self._failed(path, f"it answered {answer.status_code}: {_begin(bytes(body))}")
                return bytes(body)
        except (httpx2.HTTPError, OSError, TimeoutError, ssl.SSLError) as error:
            raise self._failed(path, str(error) or type(error).__name__) from error

    async def json(self, method: str, path: str, *, form: Mapping[str, str] | None = None) -> Any:
        import json

        try:
            return json.loads(await self.ask(method, path, form=form))
        except ValueError as error:
            raise self._failed(path, f"its answer is no JSON: {error}") from error

    def _trusted(self) -> ssl.SSLContext | bool:
        return ssl.create_default_context(cafile=self.ca) if self.ca else True

    def _failed(self, path: str, why: str) -> Failure:
        return Failure(
            where=self.url,
            what=f"{self.name} gave no usable answer to {path.partition('?')[0]}",
            why=why,
            next="look whether it runs there, and mend observe.prometheus in golive.yaml",
        )


def _begin(body: bytes) -> str:
    return body[:200].decode("utf-8", "replace").strip() or "nothing"


def counter(metrics: bytes, name: str, *, by: str = "") -> dict[str, int]:
    """The values of a counter in metrics text, by one of its labels."""
    found: dict[str, int] = {}
    for line in metrics.decode("utf-8", "replace").splitlines():
        series, _, value = line.rpartition(" ")
        metric, _, labels = series.partition("{")
        if metric == name:
            key = labels.partition(f'{by}="')[2].partition('"')[0] if by else ""
            found[key] = found.get(key, 0) + int(float(value))
    return found
