"""One marked request, followed to where its log line and its span are searched."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from golive.assembly import proofs
from golive.assembly.desk import desk
from golive.assembly.place import environment_of, folders, specification
from golive.assembly.views import logs, read_back
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.controller.desk import Desk
    from golive.spec.values import Channel, Spec

CLAIMS = {"logs": "logs-received", "traces": "traces-received"}
LINES = 20_000  # of each instance's log
PAUSE_S = 0.3
ONE_LOOK = timedelta(seconds=30)

Look = Callable[[str], Awaitable[bool]]  # whether a marker is found


@dataclass(frozen=True, kw_only=True)
class Traced:
    """What became of it in one place. `answer`: proven, refuted, or nothing when no place is declared."""

    kind: str  # logs or traces
    place: str
    answer: str
    because: str
    control: str
    after_ms: int | None


@dataclass(frozen=True, kw_only=True)
class Marked:
    """The request, and each place."""

    marker: str  # 32 hexadecimal digits: the trace id
    url: str
    code: int
    places: tuple[Traced, ...]


async def mark(file: str, environment: str, path: str, patience: timedelta) -> Marked:
    """Send it through the front door, look for it, and record what was found."""
    from golive.drivers.probes.http import HttpProber
    from golive.judge.probe import Request

    spec, _ = specification(file)
    chosen = environment_of(spec, environment, file)
    if not path.startswith("/") or "#" in path:  # else it could name another host
        raise Failure(
            where=f"--path {path}",
            what="this is no path of a service",
            why="a path begins with / and has no #",
            next="write for instance --path /products?page=1",
            code=Exit.USAGE,
        )
    routing, why = await read_back(folders(file).environment(environment))
    if routing is None or not routing.entry:
        raise Failure(
            where=environment,
            what="there is no front door to ask",
            why=why or "nothing is live",
            next=f"golive deploy --env {environment}",
            code=Exit.WAITING,
        )
    with desk(file) as at:
        marker, other = _marker(at), _marker(at)
        url = f"{routing.entry}{path}{'&' if '?' in path else '?'}{urlencode({'golive-marker': marker})}"
        headers = {
            "traceparent": f"00-{marker}-{marker[:16]}-01",
            "x-request-id": marker,
            "user-agent": f"golive/{marker}",
        }
        async with HttpProber(folders(file).root, frozenset({chosen.target.host})) as prober:
            reply = await prober.call(Request(method="GET", url=url, headers=headers))
        if reply.fault:
            raise Failure(where=url, what="the marked request got no answer", why=reply.fault)
        places = tuple(
            [await _followed(kind, file, spec, environment, marker, other, patience) for kind in CLAIMS]
        )
        marked = Marked(marker=marker, url=url, code=reply.code, places=places)
        for one in places:
            if one.answer != "nothing":
                proofs.record(at, file, spec, _proof(environment, marked, one))
    return marked


def _marker(at: "Desk") -> str:
    return at.clock.new_id().replace("-", "")


async def _followed(
    kind: str, file: str, spec: "Spec", environment: str, marker: str, other: str, patience: timedelta
) -> Traced:
    place, look = _place(kind, file, spec, environment)
    if look is None:
        because = f"readiness.channels.{kind} says nothing of how it is found"
        return Traced(kind=kind, place=place, answer="nothing", because=because, control="not run", after_ms=None)
    after_ms = await _until(look, marker, patience)
    control = "green" if await look(other) else "red"
    because = f"the request's marker was not found within {patience.total_seconds():g} s"
    if after_ms is not None:
        because = f"the request's marker was found after {after_ms} ms"
    answer = "refuted" if after_ms is None else "proven"
    return Traced(kind=kind, place=place, answer=answer, because=because, control=control, after_ms=after_ms)


def _place(kind: str, file: str, spec: "Spec", environment: str) -> tuple[str, Look | None]:
    """Where it is looked for: the operator's own command, or, for logs, what the instances print."""
    channel = spec.readiness.channels.get(kind)
    if channel and channel.received:
        return f"readiness.channels.{kind}.received", _by_command(file, channel)
    if kind == "logs":

        async def printed(marker: str) -> bool:
            found = await logs(file, environment, None, LINES)
            return any(marker in line for lines in found.values() for line in lines)

        return "what the instances print", printed
    return "", None


def _by_command(file: str, channel: "Channel") -> Look:
    from golive.drivers.commands import LocalCommands

    commands = LocalCommands(folders(file).root)

    async def look(marker: str) -> bool:
        ran = await commands.run(channel.received, env={"GOLIVE_MARKER": marker}, stdin=b"", timeout=ONE_LOOK)
        return ran.exit_code == 0

    return look


async def _until(look: Look, marker: str, patience: timedelta) -> int | None:
    """After how many milliseconds it was found; None when it was not."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while True:
        if await look(marker):
            return round((clock() - began) * 1000)
        if clock() - began >= patience.total_seconds():
            return None
        await asyncio.sleep(PAUSE_S)


def _proof(environment: str, marked: Marked, one: Traced) -> proofs.Shown:
    found = one.answer == "proven"
    return proofs.Shown(
        claim=CLAIMS[one.kind],
        environment=environment,
        answer=one.answer,
        because=one.because,
        control=one.control,
        next=f"golive observe request --env {environment}",
        name=f"requests/{environment}-{marked.marker}-{one.kind}",
        content={"marker": marked.marker, "url": marked.url, "code": marked.code, **asdict(one)},
        passed=[one.place] if found else [],
        failed=[] if found else [one.place],
    )
