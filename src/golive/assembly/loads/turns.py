"""Two revisions on this machine that take turns under the same load: A B B A, a quarter of a second each.

They run beside the environment, one instance each under a supervisor of their own, and nobody is routed to them:
the environment is not touched. They get its settings and secrets.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from golive.assembly.loads.measure import Watch, drive
from golive.assembly.loads.wish import Wish
from golive.assembly.local import supervisor_of
from golive.assembly.place import Folders, folders
from golive.assembly.site import site
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.controller.site import Site
    from golive.drivers.targets.local import LocalTarget
    from golive.release.revision import Revision
    from golive.release.target import Instance

TURN_S = 0.25
LEAST_S = 12  # twelve groups of four turns: two more than a comparison takes
WARM_UP_S = 3.0
READY_S = 120.0
LOOK_S = 0.2
DRAIN = timedelta(seconds=5)
BESIDE = "beside"  # the folder of those two, in .golive


@dataclass(frozen=True, kw_only=True)
class Turns:
    """What two revisions showed, as perf.json holds it; `comparison` in it says how they differ."""

    wish: Wish
    body: dict[str, Any]
    new: str
    against: str

    @property
    def answer(self) -> str:
        return str(self.body["comparison"]["answer"])


async def turns(
    file: str, wish: Wish, *, new: str, against: str, seconds: int, watch: Watch, tell: Callable[[str], None]
) -> Turns:
    """Let two revisions take turns. "" as `new` is the folder as it is, as `against` the live revision."""
    environment = wish.environment.name
    async with site(file, environment) as here:
        second = await _revision(here, new, build=True)
        first = await _revision(here, against, build=False)
        tell(f"{first.name} and {second.name} take turns")
        async with _beside(wish, folders(file)) as target:
            addresses = await _started(target, first, second)
            job = _job(wish, addresses, max(seconds, LEAST_S))
            await _warm(job)
            began = here.outside.clock.now()
            found = await drive(job, abort=wish.scenario.abort, watch=watch, workers=1)
        from golive.drivers.load.machine import machine
        from golive.judge.performance.compare import interleaved
        from golive.judge.performance.perfjson import Subject, body
        from golive.judge.performance.verdict import judge_load

        made = replace(wish, job=job)
        subject = Subject(
            run=f"{began:%Y%m%dt%H%M%S}-{secrets.token_hex(2)}",
            began=began,
            service=wish.spec.service,
            environment=environment,
            url=addresses[1],
            revision=second.digest,
            config_digest=wish.spec.digest,
            scenario=made.told(),
            scenario_digest=wish.digest,
            machine=machine(found.generator.engine, found.generator.version),
        )
        told = body(subject, found, wish.spec.objectives, judge_load(found, wish.spec.objectives))
        told["comparison"] = interleaved(found, against=first.name, revision=first.digest).body()
        return Turns(wish=made, body=told, new=second.name, against=first.name)


async def _revision(here: "Site", asked: str, *, build: bool) -> "Revision":
    """By the beginning of its name; the folder as it is, or the live one, when none is named."""
    past = here.past()
    if not asked and build:
        built, _ = await here.builder.build(here.spec, here.spec.environments[here.environment])
        return built
    if not asked and past.live:
        return past.live
    known = [one for one in past.revisions.values() if asked and one.name.startswith(asked)]
    if len(known) == 1:
        return known[0]
    names = ", ".join(past.revisions) or "none"
    raise Failure(
        where=here.environment,
        what=f"no single revision matches {asked!r}" if asked else "no revision is live",
        why=f"recorded are: {names}",
        next="name one of them" if past.revisions else f"golive deploy --env {here.environment}",
        code=Exit.USAGE,
    )


@asynccontextmanager
async def _beside(wish: Wish, here: Folders) -> "AsyncIterator[LocalTarget]":
    """A target of its own, for one comparison at a time; everything that was started is gone afterwards."""
    from golive.drivers.builders.shelf import FolderShelf
    from golive.drivers.checkout import place
    from golive.drivers.ledgers.locks import Lock, LockBusy
    from golive.drivers.probes.http import HttpProber
    from golive.drivers.targets.local import LocalTarget

    state = here.state / BESIDE
    state.mkdir(parents=True, exist_ok=True)
    lock = Lock(state / "lock")
    try:
        lock.acquire(place())
    except LockBusy as busy:
        raise Failure(
            where=str(state),
            what="another comparison is at work",
            why=str(busy),
            next="wait for it, or end it",
            code=Exit.REFUSED,
        ) from None
    supervisor = supervisor_of(state)
    try:
        async with HttpProber(here.root, frozenset()) as prober:
            yield LocalTarget(
                root=here.root,
                state=state,
                environment=wish.environment,
                health=wish.spec.health,
                supervisor=supervisor,
                prober=prober,
                shelf=FolderShelf(here.state),
            )
    finally:
        await supervisor.shutdown()
        lock.drop()


async def _started(target: "LocalTarget", first: "Revision", second: "Revision") -> tuple[str, str]:
    """An instance of each, ready; of the same revision two."""
    alike = first.name == second.name
    for revision in {first.name: first, second.name: second}.values():
        await target.prepare(revision)
        await target.start(revision, 2 if alike else 1)
    wanted = ((first.name, 0), (second.name, 1 if alike else 0))
    try:
        async with asyncio.timeout(READY_S):
            while True:
                found = {(one.revision, one.index): one for one in await target.observe()}
                broken = [one for one in found.values() if one.phase == "failed"]
                if broken:
                    raise _unready(broken[0], await target.logs(broken[0].revision, 3))
                if all(key in found and found[key].ready for key in wanted):
                    return f"http://{found[wanted[0]].endpoint}", f"http://{found[wanted[1]].endpoint}"
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise Failure(
            where="golive perf compare",
            what="the two revisions did not become ready",
            why=f"they were waited for {READY_S:g} s",
            next="golive deploy says more of a revision that does not start",
        ) from None


def _unready(instance: "Instance", logs: Any) -> Failure:
    said = " · ".join(line for lines in logs.values() for line in lines)
    return Failure(
        where=f"revision {instance.revision}",
        what="it does not start here",
        why=said or instance.why or "it says nothing",
        next="golive deploy says more of a revision that does not start",
    )


def _job(wish: Wish, addresses: tuple[str, str], seconds: int) -> Any:
    from golive.drivers.load.job import Place
    from golive.drivers.load.schedule import constant

    return replace(
        wish.job,
        places=tuple(Place(url=address) for address in addresses),
        segments=constant(wish.peak, float(seconds)).segments,
        interval_s=TURN_S,
    )


async def _warm(job: Any) -> None:
    """Caches and compilers get their turn before it counts."""
    from golive.drivers.load.run import Run
    from golive.drivers.load.schedule import constant

    warm = replace(job, segments=constant(job.segments[0].begin_per_s, WARM_UP_S).segments)
    async with Run(warm, workers=1) as run:
        await run.wait()
