"""The simulated world, for forecasts and dry runs: nothing here can reach the real one."""

from typing import TYPE_CHECKING

from golive.assembly.place import environment_of, folders, specification
from golive.assembly.views import past_of
from golive.release.past import Past

if TYPE_CHECKING:
    from golive.controller.outside import Outside
    from golive.release.wanted import Wanted
    from golive.spec.values import Spec


async def forecast(spec: "Spec", wanted: "Wanted", past: Past) -> tuple[str, ...]:
    """The steps of a rollout, played in a simulated world that starts as the records say."""
    from golive.controller.forecast import play

    return await play(wanted, past, simulated(past, wanted))


async def rehearse_deploy(file: str, environment: str) -> tuple[str, ...]:
    """What a deploy would do. Reads the specification and the records, and nothing else."""
    from golive.controller.opening import deploy_wish
    from golive.drivers.clock import SystemClock
    from golive.drivers.routers.envoy import CAPABILITIES
    from golive.release.revision import Revision

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    past = past_of(folders(file), environment)
    new = Revision(digest="(new build)")
    wanted = deploy_wish(spec, past, new, CAPABILITIES, SystemClock().now(), "dry-run")
    return ("build the revision", *await forecast(spec, wanted, past))


async def rehearse_rollback(file: str, environment: str, to: str | None) -> tuple[str, ...]:
    """What a rollback would do; reads like `rehearse_deploy`."""
    from golive.controller.opening import rollback_wish
    from golive.drivers.clock import SystemClock

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    past = past_of(folders(file), environment)
    wanted = rollback_wish(spec, past, to, SystemClock().now(), "dry-run")
    return await forecast(spec, wanted, past)


def simulated(past: Past, wanted: "Wanted") -> "Outside":
    """A world in which what the records call live is live, and what stands by stands by."""
    from golive.controller.outside import Outside
    from golive.drivers.simulated.clock import SimulatedClock
    from golive.drivers.simulated.edges import (
        SimulatedApprovals,
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
    target = SimulatedTarget(world)
    return Outside(
        target=target,
        logs=target,
        redact=lambda text: text,
        router=SimulatedRouter(world),
        prober=SimulatedProber(),
        samples=SimulatedSamples(world),
        clock=SimulatedClock(world),
        commands=SimulatedCommands(world),
        artifacts=SimulatedArtifacts(),
        approvals=SimulatedApprovals(world),
        ledger=SimulatedLedger(),
    )
