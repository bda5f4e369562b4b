"""Joining rooms to drivers: the only file that names a driver.

Every function here takes the operator's file and an environment and hands back something that works. Drivers
are imported where they are needed, so that a command pays only for what it uses.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from golive.errors import Exit, Failure
from golive.evidence.ledger import Head
from golive.release.past import Past, fold
from golive.release.target import Routing

if TYPE_CHECKING:
    from golive.controller.outside import Outside
    from golive.controller.site import Site
    from golive.drivers.artifacts import ArtifactStore
    from golive.drivers.clock import SystemClock
    from golive.drivers.ledgers.sqlite import SqliteLedger
    from golive.drivers.load.run import LoadRun
    from golive.drivers.machine import Finding
    from golive.drivers.probes.http import HttpProber
    from golive.drivers.routers.envoy import EnvoyRouter
    from golive.drivers.supervisors.supervisord import Supervisord
    from golive.drivers.targets.local import LocalTarget
    from golive.evidence.record import Record
    from golive.evidence.verification import Verified
    from golive.release.wanted import Wanted
    from golive.spec.draft.files import Draft, File
    from golive.spec.values import Environment, Spec

STATE = ".golive"
EVIDENCE = "evidence"
DOWN_DRAIN = timedelta(seconds=5)


@dataclass(frozen=True)
class Folders:
    """Where a service keeps things, all beside its golive.yaml."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / STATE

    @property
    def evidence(self) -> Path:
        return self.root / EVIDENCE

    def environment(self, name: str) -> Path:
        return self.state / "environments" / name


@dataclass(frozen=True, kw_only=True)
class View:
    """What can be said of an environment without touching it."""

    past: Past
    routing: Routing | None
    unreachable: str  # why there is no routing
    holder: str  # the controller at work, or ""


def folders(file: str) -> Folders:
    return Folders(Path(file).resolve().parent)


def specification(file: str) -> "tuple[Spec, bytes]":
    """The parsed file and its bytes, or a `Failure` that says what is wrong with it."""
    from golive.spec.parse import parse

    try:
        text = Path(file).read_bytes()
    except OSError as error:
        raise Failure(
            where=file,
            what="there is no specification here" if not Path(file).exists() else "it cannot be read",
            why=error.strerror or str(error),
            next="golive init writes one for the application in this folder",
            code=Exit.USAGE,
        ) from error
    return parse(text, name=file), text


@asynccontextmanager
async def site(file: str, environment: str, *, resuming: bool = False) -> "AsyncIterator[Site]":
    """Real drivers for one environment. `resuming`: with the specification that its rollout began with."""
    from golive.controller.site import Site
    from golive.drivers.artifacts import ArtifactStore
    from golive.drivers.builders.folder import FolderBuilder
    from golive.drivers.checkout import checkout, machine, person, place
    from golive.drivers.clock import SystemClock
    from golive.drivers.ledgers.sqlite import SqliteLedger
    from golive.evidence.ledger import Holder
    from golive.evidence.record import Actor
    from golive.evidence.redaction import Redactor

    here = folders(file)
    ledger = SqliteLedger(here.state, here.evidence)
    spec, text = _begun_with(file, environment, ledger.read(environment)) if resuming else specification(file)
    chosen = _environment(spec, environment, file)
    redactor = Redactor(_readable_secrets(spec, chosen, here))
    artifacts = ArtifactStore(here.evidence, redactor)
    clock = SystemClock()
    builder = FolderBuilder(here.root, here.state, keep=artifacts.keep, redactor=redactor)
    async with _outside(spec, chosen, here, ledger, artifacts, clock) as (outside, shutdown):
        yield Site(
            spec=spec,
            spec_text=text,
            environment=environment,
            outside=outside,
            builder=builder,
            actor=Actor(id=person()),
            holder=Holder(actor=person(), where=place(), since=clock.now()),
            checkout=checkout(here.root),
            machine=machine(),
            forecast=forecast,
            shutdown=shutdown,
            retire=builder.retire,
        )
    ledger.close()


@asynccontextmanager
async def _outside(
    spec: "Spec",
    chosen: "Environment",
    here: Folders,
    ledger: "SqliteLedger",
    artifacts: "ArtifactStore",
    clock: "SystemClock",
) -> "AsyncIterator[tuple[Outside, Callable[[], Awaitable[None]]]]":
    from golive.controller.outside import Outside
    from golive.drivers.commands import LocalCommands
    from golive.drivers.metrics.envoy import EnvoySamples
    from golive.drivers.probes.http import HttpProber

    place = here.environment(chosen.name)
    supervisor = _supervisor(place)
    router = _router(place, spec, chosen, supervisor)
    async with HttpProber() as prober:
        target = _target(spec, chosen, here, supervisor, prober)

        async def shutdown() -> None:
            await router.shutdown(DOWN_DRAIN)
            await supervisor.shutdown()

        yield (
            Outside(
                target=target,
                router=router,
                prober=prober,
                samples=EnvoySamples(database=place / "metrics.sqlite3", admin=router.admin),
                clock=clock,
                commands=LocalCommands(here.root),
                artifacts=artifacts,
                ledger=ledger,
            ),
            shutdown,
        )


async def forecast(spec: "Spec", wanted: "Wanted", past: Past) -> tuple[str, ...]:
    """The steps of a rollout, played in a simulated world that starts as the records say."""
    from golive.controller.forecast import play

    return await play(wanted, past, _simulated(past, wanted))


async def rehearse_deploy(file: str, environment: str) -> tuple[str, ...]:
    """What a deploy would do. Reads the specification and the records, and nothing else."""
    from golive.controller.opening import deploy_wish
    from golive.drivers.clock import SystemClock
    from golive.drivers.routers.envoy import CAPABILITIES
    from golive.release.revision import Revision

    spec, _ = specification(file)
    _environment(spec, environment, file)
    past = _past(folders(file), environment)
    new = Revision(digest="(new build)")
    wanted = deploy_wish(spec, past, new, CAPABILITIES, SystemClock().now(), "dry-run")
    return ("build the revision", *await forecast(spec, wanted, past))


async def rehearse_rollback(file: str, environment: str, to: str | None) -> tuple[str, ...]:
    """What a rollback would do; reads like `rehearse_deploy`."""
    from golive.controller.opening import rollback_wish
    from golive.drivers.clock import SystemClock

    spec, _ = specification(file)
    _environment(spec, environment, file)
    past = _past(folders(file), environment)
    wanted = rollback_wish(spec, past, to, SystemClock().now(), "dry-run")
    return await forecast(spec, wanted, past)


async def views(file: str, environment: str | None) -> tuple[View, ...]:
    """Every environment that has a record, or the one that is named."""
    here = folders(file)
    names = [environment] if environment else environments_with_records(file)
    return tuple([await _view(here, name) for name in names])


def environments_with_records(file: str) -> list[str]:
    from golive.drivers.ledgers.projection import read_projection

    records = read_projection(folders(file).evidence)
    return sorted({record.draft.environment for record in records if record.draft.environment})


def head(file: str) -> Head:
    from golive.drivers.ledgers.projection import read_head

    return read_head(folders(file).evidence)


def records(file: str, environment: str | None = None) -> "Sequence[Record]":
    """What was recorded, oldest first, by a plain read."""
    from golive.drivers.ledgers.projection import read_projection

    return read_projection(folders(file).evidence, environment)


def verified(evidence: Path, pin: Head | None) -> "Verified":
    """What holds of an evidence folder, checked against the database beside it when there is one."""
    from golive.drivers.artifacts import ArtifactStore
    from golive.drivers.ledgers.inspection import inspected
    from golive.evidence.redaction import Redactor
    from golive.evidence.verification import verify

    with inspected(evidence, evidence.resolve().parent / STATE) as log:
        return verify(log, ArtifactStore(evidence, Redactor({})), pin)


async def logs(file: str, environment: str, revision: str | None, lines: int) -> Mapping[str, tuple[str, ...]]:
    """The newest lines of each instance."""
    from golive.drivers.probes.http import HttpProber

    spec, _ = specification(file)
    here = folders(file)
    chosen = _environment(spec, environment, file)
    supervisor = _supervisor(here.environment(environment))
    async with HttpProber() as prober:
        return await _target(spec, chosen, here, supervisor, prober).logs(revision, lines)


async def examine(file: str) -> "tuple[Finding, ...]":
    """What `golive doctor` looks at: this machine, this folder, and what the specification names."""
    from golive.drivers import machine

    here = folders(file)
    found = list(machine.examine(here.root, here.state))
    try:
        spec, _ = specification(file)
    except Failure as failure:
        fault = machine.Finding(name=file, state="missing", what=failure.what, fix=failure.next)
        return (*found, fault)
    found.append(machine.Finding(name=file, state="ok", what=f"{spec.service}: {', '.join(spec.environments)}"))
    return (*found, *[finding async for finding in _examine_named(spec, here)])


async def _examine_named(spec: "Spec", here: Folders) -> "AsyncIterator[Finding]":
    """Programs, ports and secrets that the specification names."""
    from golive.drivers import machine
    from golive.drivers.targets.secrets import resolve

    for command, use in ((spec.revision.build, "build"), (spec.revision.run, "run")):
        if command:
            yield machine.program(command[0], here.root, use)
    for name, chosen in spec.environments.items():
        running, _ = await _read_back(here.environment(name))
        if chosen.target.port and running is None:
            yield machine.port(chosen.target.port, chosen.target.host, name)
        for variable, ref in {**spec.revision.secrets, **chosen.secrets}.items():
            try:
                resolve({variable: ref}, root=here.root, environ=os.environ)
            except Failure as failure:
                named = f"secret {variable} ({name})"
                yield machine.Finding(name=named, state="missing", what=failure.why, fix=failure.next)


def example(name: str) -> Path:
    """The folder of an example, in a checkout or in an installed package."""
    import golive

    package = Path(golive.__file__).parent
    for folder in (package.parents[1] / "examples" / name, package / "examples" / name):
        if (folder / "golive.yaml").exists():
            return folder
    raise Failure(
        where=f"examples/{name}",
        what="the example is not here",
        why="this installation came without examples",
        next="clone the repository and run make demo there",
        code=Exit.USAGE,
    )


async def load(file: str, environment: str, *, rate: int, paths: Sequence[str]) -> "LoadRun":
    """Constant open-loop load on the front door of an environment; to be used as a context."""
    from golive.drivers.load.run import LoadRun

    routing, unreachable = await _read_back(folders(file).environment(environment))
    if routing is None or not routing.entry:
        raise Failure(
            where=environment,
            what="there is no front door to send requests to",
            why=unreachable or "nothing was deployed yet",
            next=f"golive deploy --env {environment}",
        )
    return LoadRun(routing.entry, rate=rate, paths=tuple(paths))


def first_draft(folder: str) -> "Draft":
    """The first files for the application in a folder; nothing is written."""
    from golive import __version__
    from golive.drivers.detect import look
    from golive.spec.draft.files import draft

    return draft(look(Path(folder)), version=__version__)


def add_files(folder: str, files: "Sequence[File]", *, dry_run: bool) -> tuple[tuple[str, str], ...]:
    """Write the files that are not there yet, and say what was done with each, or would be."""
    from golive.drivers.firstfiles import add, foretell

    return foretell(Path(folder), files) if dry_run else add(Path(folder), files)


def _simulated(past: Past, wanted: "Wanted") -> "Outside":
    """A world in which what the records call live is live, and what stands by stands by."""
    from golive.controller.outside import Outside
    from golive.drivers.simulated.clock import SimulatedClock
    from golive.drivers.simulated.edges import (
        SimulatedArtifacts,
        SimulatedCommands,
        SimulatedProber,
        SimulatedSamples,
    )
    from golive.drivers.simulated.ledger import SimulatedLedger
    from golive.drivers.simulated.router import SimulatedRouter
    from golive.drivers.simulated.target import SimulatedTarget
    from golive.drivers.simulated.world import World

    world = World(now=wanted.deadline - wanted.environment.deadline)
    retained = past.line[-1 - wanted.environment.retain :] if past.live else ()
    for revision in retained:
        world.live(revision, wanted.environment.instances)
    return Outside(
        target=SimulatedTarget(world),
        router=SimulatedRouter(world),
        prober=SimulatedProber(),
        samples=SimulatedSamples(world),
        clock=SimulatedClock(world),
        commands=SimulatedCommands(world),
        artifacts=SimulatedArtifacts(),
        ledger=SimulatedLedger(),
    )


def _past(here: Folders, environment: str) -> Past:
    """The past by a plain read of the records' file: no database, no lock, nothing written."""
    from golive.drivers.ledgers.projection import read_projection

    return fold(read_projection(here.evidence, environment), environment)


async def _view(here: Folders, environment: str) -> View:
    from golive.drivers.ledgers.sqlite import SqliteLedger

    holder = SqliteLedger(here.state, here.evidence).holder(environment)
    routing, unreachable = await _read_back(here.environment(environment))
    return View(
        past=_past(here, environment),
        routing=routing,
        unreachable=unreachable,
        holder=f"{holder.actor} ({holder.where})" if holder else "",
    )


def _environment(spec: "Spec", name: str, file: str) -> "Environment":
    if name in spec.environments:
        return spec.environments[name]
    near = get_close_matches(name, spec.environments, n=1)
    raise Failure(
        where=f"{file}: environments",
        what=f"there is no environment {name!r}",
        why=f"the file has: {', '.join(spec.environments)}",
        next=f"did you mean {near[0]!r}?" if near else "name one of them, or add it to the file",
        code=Exit.USAGE,
    )


def _begun_with(file: str, environment: str, records: "Sequence[Record]") -> "tuple[Spec, bytes]":
    """The specification that the unfinished rollout began with, from the evidence; else the file's."""
    from golive.drivers.artifacts import ArtifactStore
    from golive.evidence.redaction import Redactor
    from golive.spec.parse import parse

    past = fold(records, environment)
    if past.rollout is None:
        return specification(file)
    opened = next(record for record in records if record.seq == past.rollout.seq)
    kept = next(a for a in opened.draft.artifacts if a.path.startswith("operations/specs/"))
    text = ArtifactStore(folders(file).evidence, Redactor({})).read(kept)
    return parse(text, name=f"evidence/{kept.path}"), text


def _supervisor(place: Path) -> "Supervisord":
    from golive.drivers.supervisors.supervisord import Supervisord

    return Supervisord(place / "supervisor")


def _router(place: Path, spec: "Spec", chosen: "Environment", supervisor: "Supervisord") -> "EnvoyRouter":
    from golive.drivers.routers.envoy import EnvoyRouter
    from golive.drivers.routers.envoy_config import Settings

    settings = Settings(
        host=chosen.target.host,
        port=chosen.target.port,
        request_timeout=chosen.request_timeout,
        health=spec.health,
        latency=spec.objectives.latency,
    )
    return EnvoyRouter(folder=place / "envoy", supervisor=supervisor, settings=settings)


def _target(
    spec: "Spec", chosen: "Environment", here: Folders, supervisor: "Supervisord", prober: "HttpProber"
) -> "LocalTarget":
    from golive.drivers.builders.shelf import FolderShelf
    from golive.drivers.targets.local import LocalTarget

    return LocalTarget(
        root=here.root,
        state=here.state,
        environment=chosen,
        health=spec.health,
        supervisor=supervisor,
        prober=prober,
        shelf=FolderShelf(here.state),
    )


async def _read_back(place: Path) -> tuple[Routing | None, str]:
    """What the running front door says; None and the reason when it does not answer."""
    from golive.drivers.routers.envoy_view import read_back

    if not (place / "envoy").exists():
        return None, "it was never started"
    try:
        return await read_back(place / "envoy"), ""
    except Failure as failure:
        return None, str(failure)


def _readable_secrets(spec: "Spec", chosen: "Environment", here: Folders) -> dict[str, str]:
    """The values to take out of everything that is written; one that is missing is refused when it is needed."""
    from golive.drivers.targets.secrets import resolve

    found: dict[str, str] = {}
    for name, ref in {**spec.revision.secrets, **chosen.secrets}.items():
        with suppress(Failure):
            found |= resolve({name: ref}, root=here.root, environ=os.environ)
    return found
