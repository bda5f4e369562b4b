"""golive's own figures joined: every environment's records and lookout, as text, over HTTP, or sent by OTLP."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from golive.assembly.observe.lookout import memory_of
from golive.assembly.place import folders, specification
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

    from golive.slo.figures import Figure


def figures(file: str) -> "list[Figure]":
    """Of all environments that golive.yaml names. Reads only."""
    return _figures(file)[0]


def _figures(file: str) -> "tuple[list[Figure], datetime]":
    """And the time of the first record, from which counters count."""
    from golive.controller.figures import of_lookout, of_past
    from golive.drivers.clock import SystemClock
    from golive.drivers.ledgers.projection import read_projection
    from golive.release.past import fold

    spec, _ = specification(file)
    here, now = folders(file), SystemClock().now()
    records = read_projection(here.evidence, None)
    found: list[Figure] = []
    for name in spec.environments:
        found += of_past(fold([one for one in records if one.draft.environment == name], name), spec.service)
        found += of_lookout(memory_of(here, name).load(), name, spec.service, now)
    return found, next((one.draft.at for one in records), now)


def figures_text(file: str) -> str:
    from golive.slo.figures import text

    return text(figures(file))


async def send_figures(file: str, url: str) -> int:
    """By OTLP over HTTP, as JSON; how many were sent. `url` is the collector's, without a path."""
    from golive import __version__
    from golive.drivers.alerting.ask import Api
    from golive.drivers.clock import SystemClock
    from golive.slo.figures import otlp

    spec, _ = specification(file)
    found, began = _figures(file)
    began_ns, now_ns = (round(at.timestamp() * 1000) * 1_000_000 for at in (began, SystemClock().now()))
    resource = {"service.name": "golive", "service.version": __version__, "service.namespace": spec.service}
    content = json.dumps(otlp(found, resource, began_ns=began_ns, at_ns=now_ns)).encode()
    api = Api(url=url.rstrip("/"), name="the collector")
    await api.ask("POST", "/v1/metrics", content=content, headers={"content-type": "application/json"})
    return len(found)


def figures_server(file: str, host: str, port: int) -> "ThreadingHTTPServer":
    """`/metrics`, computed anew at each scrape; it listens when this returns."""
    from golive.drivers.metrics.serving import server

    try:
        return server(host, port, lambda: figures_text(file))
    except OSError as error:
        raise Failure(
            where=f"{host}:{port}",
            what="nothing can listen there",
            why=error.strerror or str(error),
            next="choose another: golive observe metrics --port PORT",
            code=Exit.USAGE,
        ) from error
