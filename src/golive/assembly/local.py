"""The embedded default joined: instances under supervisord, Envoy before them, counters from Envoy."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.place import Folders

if TYPE_CHECKING:
    from golive.controller.outside import Approvals, Outside
    from golive.drivers.artifacts import ArtifactStore
    from golive.drivers.clock import SystemClock
    from golive.drivers.ledgers.sqlite import SqliteLedger
    from golive.drivers.probes.http import HttpProber
    from golive.drivers.routers.envoy import EnvoyRouter
    from golive.drivers.supervisors.supervisord import Supervisord
    from golive.drivers.targets.local import LocalTarget
    from golive.judge.samples import SampleSource
    from golive.spec.values import Environment, Spec

DOWN_DRAIN = timedelta(seconds=5)


@asynccontextmanager
async def outside(
    spec: "Spec",
    chosen: "Environment",
    here: Folders,
    ledger: "SqliteLedger",
    artifacts: "ArtifactStore",
    clock: "SystemClock",
    redact: Callable[[str], str],
    approvals: "Approvals",
    *,
    withhold: bool,
) -> "AsyncIterator[tuple[Outside, Callable[[], Awaitable[None]]]]":
    from golive.controller.outside import Outside
    from golive.drivers.commands import LocalCommands
    from golive.drivers.probes.http import HttpProber
    from golive.drivers.targets.withheld import WithheldTarget

    place = here.environment(chosen.name)
    supervisor = supervisor_of(place)
    router = router_of(place, spec, chosen, supervisor)
    declared = frozenset({chosen.target.host})
    async with HttpProber(here.root, declared) as prober:
        running = target_of(spec, chosen, here, supervisor, prober)
        target = WithheldTarget(running) if withhold else running

        async def shutdown() -> None:
            await router.shutdown(DOWN_DRAIN)
            await supervisor.shutdown()

        yield (
            Outside(
                target=target,
                logs=target,
                redact=redact,
                router=router,
                prober=prober,
                samples=samples_of(chosen, place, router),
                clock=clock,
                commands=LocalCommands(here.root),
                artifacts=artifacts,
                approvals=approvals,
                ledger=ledger,
            ),
            shutdown,
        )


def samples_of(chosen: "Environment", place: Path, router: "EnvoyRouter") -> "SampleSource":
    """Where users' requests are counted: by the environment's Prometheus, else by the front door."""
    if chosen.metrics:
        from golive.drivers.metrics.prometheus import PrometheusSamples

        return PrometheusSamples(chosen.metrics)
    from golive.drivers.metrics.envoy import EnvoySamples

    return EnvoySamples(database=place / "metrics.sqlite3", admin=router.admin)


def supervisor_of(place: Path) -> "Supervisord":
    from golive.drivers.supervisors.supervisord import Supervisord

    return Supervisord(place / "supervisor")


def router_of(place: Path, spec: "Spec", chosen: "Environment", supervisor: "Supervisord") -> "EnvoyRouter":
    from golive.drivers.routers.envoy import EnvoyRouter
    from golive.drivers.routers.envoy_config import Settings
    from golive.slo.ratios import counted_bounds

    settings = Settings(
        host=chosen.target.host,
        port=chosen.target.port,
        request_timeout=chosen.request_timeout,
        health=spec.health,
        latency=(*spec.objectives.latency, *counted_bounds(spec.observe)),
    )
    return EnvoyRouter(folder=place / "envoy", supervisor=supervisor, settings=settings)


def target_of(
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
