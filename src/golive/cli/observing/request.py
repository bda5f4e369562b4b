"""`golive observe request`."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit

if TYPE_CHECKING:
    from golive.assembly.observe.marking import Marked


@click.command()
@env_option
@click.option("--path", default="/", show_default=True, help="What is asked of the front door, with GET.")
@click.option(
    "--patience", type=click.IntRange(0, 3600), default=10, show_default=True, help="Seconds to be found."
)
@file_option
@json_option
def request(env: str, path: str, patience: int, file: str, as_json: bool) -> None:
    """Send a marked request through the front door, and find its log line and its span.

    The marker is a trace id that nobody used before: in the query as golive-marker, in x-request-id, user-agent
    and traceparent. It is looked for by readiness.channels.logs.received and readiness.channels.traces.received,
    which get it as GOLIVE_MARKER; without the first, in what the instances print. A marker that was never sent
    must not be found. The claims logs-received and traces-received are recorded.
    Exit 0: found wherever a place is declared. 1: not found.

    Example: golive observe request --env production --path /products
    """
    from golive.assembly.observe import marking

    marked = asyncio.run(marking.mark(file, env, path, timedelta(seconds=patience)))
    answer(asdict(marked), "\n".join(text(env, marked)), as_json=as_json)
    wrong = any(one.answer == "refuted" or one.control == "green" for one in marked.places)
    leave(Exit.FAILED if wrong else Exit.DONE)


def text(env: str, marked: "Marked") -> Iterator[str]:
    """State first, then each place."""
    found = [one for one in marked.places if one.answer == "proven"]
    yield f"{env}: found in {len(found)} of {len(marked.places)} places"
    yield f"request:  {marked.url} ({marked.code})"
    for one in marked.places:
        mark = {"proven": "✓", "refuted": "✗"}.get(one.answer, "?")
        where = f" ({one.place})" if one.place else ""
        yield f"{mark} {one.kind}: {one.because}{where}"
        if one.control == "green":
            yield "    a marker that was never sent is found too: this place proves nothing"
