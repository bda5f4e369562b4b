"""Recorded watches, found again; a service's noise, learned; and how long a canary will take to decide."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.place import folders
from golive.assembly.site import site
from golive.assembly.views import records
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.evidence.record import Artifact, Record
    from golive.judge.advice import Advice
    from golive.judge.samples import Samples, Tick
    from golive.judge.series import Series
    from golive.judge.terms import Calibration
    from golive.release.revision import Revision
    from golive.spec.values import Environment

PLACEBOS = 24  # a little more than are needed
BYTES_MOST = 512 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Calibrating:
    """How a service's noise is to be learned."""

    history: Path | None = None
    since: timedelta | None = None  # of Prometheus
    load: timedelta = timedelta(minutes=5)
    rate: int = 20
    path: str = "/"
    watch: timedelta | None = None


def read_series(path: Path) -> "Series":
    """A recorded watch from a file."""
    from golive.judge.series import series

    try:
        if path.stat().st_size > BYTES_MOST:
            raise _unread(path, "larger than 512 MiB", "a watch of a day has some megabytes")
        return series(json.loads(path.read_bytes()), str(path))
    except OSError as error:
        raise _unread(path, "cannot be read", str(error)) from error
    except (ValueError, RecursionError) as error:
        raise _unread(path, "this is no JSON", str(error)) from error


def _unread(path: Path, what: str, why: str) -> Failure:
    shape = "give a file such as evidence/operations/deployments/ROLLOUT/series-….json (docs/reference/series.md)"
    return Failure(where=str(path), what=what, why=why, next=shape, code=Exit.USAGE)


def series_of(file: str, rollout: str) -> "Series":
    """The newest watch that was kept of a rollout, by the beginning of its id; "" is the newest of all."""
    from dataclasses import replace

    from golive.drivers.artifacts import ArtifactStore
    from golive.evidence.redaction import Redactor
    from golive.judge.series import series

    found = records(file)
    judged = [r for r in found if r.draft.rollout.startswith(rollout) and _series_of(r)]
    if not judged:
        known = sorted({r.draft.rollout for r in found if _series_of(r)})
        raise Failure(
            where=rollout or "the evidence",
            what="no rollout with a verdict is recorded",
            why=f"judged were: {', '.join(known) or 'none'}",
            next="golive judge explain ROLLOUT, with one of these"
            if known
            else "deploy with a strategy that soaks",
            code=Exit.USAGE,
        )
    newest = judged[-1]
    kept = _series_of(newest)
    assert kept is not None
    body = json.loads(ArtifactStore(folders(file).evidence, Redactor({})).read(kept))
    told = tuple(_mark(r) for r in found if r.draft.rollout == newest.draft.rollout and _is_mark(r))
    return replace(series(body, f"evidence/{kept.path}"), marks=tuple(m for m in told if m))


def _series_of(record: "Record") -> "Artifact | None":
    return next((a for a in record.draft.artifacts if "/series-" in a.path), None)


def _is_mark(record: "Record") -> bool:
    key = str(record.draft.body.get("key", ""))
    return record.draft.type in ("rollout.turned", "promote.granted") or (
        record.draft.type == "step.ended" and key.startswith("judge ")
    )


def _mark(record: "Record") -> tuple[datetime, str]:
    draft = record.draft
    if draft.type == "step.ended":
        return draft.at, f"{draft.body.get('answer')} at {draft.body.get('weight')} %"
    return draft.at, "turned back" if draft.type == "rollout.turned" else "a person promoted"


async def calibrate(
    file: str, environment: str, asked: Calibrating, tell: Callable[[str], None]
) -> "tuple[Calibration, str]":
    """Learn the noise of an environment, record it, and say where the placebo history was kept."""
    from golive.controller.calibrating import keep, under_load
    from golive.judge.calibration import calibrate as learned
    from golive.judge.calibration import placebos
    from golive.judge.samples import BOUNDS_MS, Samples
    from golive.judge.series import Series, body
    from golive.judge.terms import Terms

    async with site(file, environment) as here:
        now = here.outside.clock.now()
        if asked.history:
            given = read_series(asked.history)
            ticks, bounds, source = given.samples.ticks, given.samples.bounds_ms, str(asked.history)
        elif asked.since:
            found_ = await recorded(here.spec.environments[environment], here.past().live, asked.since, now)
            ticks, bounds = found_.ticks, found_.bounds_ms
            source = f"{asked.since / timedelta(hours=1):g} h of Prometheus"
        else:
            ticks = await under_load(here, duration=asked.load, rate=asked.rate, path=asked.path, watch=tell)
            bounds = BOUNDS_MS
            source = f"{asked.load.total_seconds():g} s of load on {_instances(ticks)} instances"
        watch = asked.watch or _watch(ticks)
        terms = Terms(
            new="placebo",
            old="others",
            objectives=here.spec.objectives,
            judging=here.spec.judging,
            horizon=watch,
        )
        tell(f"judging placebo canaries in watches of {watch.total_seconds():g} s")
        own = tuple(tick for tick in ticks if tick.instance)
        found = learned(placebos(own, bounds, terms), watch=watch, source=source, at=now)
        kept = Series(terms=terms, events=(), samples=Samples(bounds_ms=bounds, ticks=own))
        text = (json.dumps(body(kept)) + "\n").encode()
        artifact = here.outside.artifacts.keep(f"judge/placebos-{now:%Y%m%d%H%M%S}.json", text, "application/json")
        keep(here, found, artifact)
        return found, f"evidence/{artifact.path}"


async def recorded(chosen: "Environment", live: "Revision | None", back: timedelta, now: datetime) -> "Samples":
    """What Prometheus has of each instance of the live revision, an hour at a time."""
    from golive.drivers.metrics.prometheus import PrometheusSamples
    from golive.judge.samples import Samples

    if chosen.metrics is None or live is None:
        raise Failure(
            where=f"environments.{chosen.name}.metrics",
            what="there is no Prometheus to ask" if live else "no revision is live",
            why="--since reads the history of its instances",
            next="leave out --since: load is put on the instances then",
            code=Exit.USAGE,
        )
    source, begin = PrometheusSamples(chosen.metrics), now - back
    ticks: list[Tick] = []
    samples = Samples(bounds_ms=(), ticks=())
    while begin < now:
        end = min(begin + timedelta(hours=1), now)
        samples = await source.between([live.name], begin, end, by_instance=True)
        if samples.note:
            raise Failure(
                where=chosen.metrics.url,
                what="the history of single instances cannot be used",
                why=samples.note,
                next="mend environments.NAME.metrics, or leave out --since to put load on the instances",
                code=Exit.WAITING,
            )
        ticks += samples.ticks
        begin = end
    return Samples(bounds_ms=samples.bounds_ms, ticks=tuple(ticks))


def _instances(ticks: "tuple[Tick, ...]") -> int:
    return len({tick.instance for tick in ticks if tick.instance})


def _watch(ticks: "tuple[Tick, ...]") -> timedelta:
    """As long as it can be with enough placebo canaries, an hour at most."""
    times = [tick.at for tick in ticks if tick.instance]
    if not times:
        return timedelta(hours=1)
    rounds = -(-PLACEBOS // max(_instances(ticks), 1))
    longest = (max(times) - min(times)) / rounds
    return min(max(timedelta(seconds=int(longest.total_seconds())), timedelta(seconds=10)), timedelta(hours=1))


async def advise(file: str, environment: str, seconds: float) -> "tuple[tuple[int, Advice], ...]":
    """For each weight of the strategy, and the usual ones: what can be decided how fast with today's traffic."""
    import asyncio

    from golive.controller.foresight import by_weight, counted, traffic

    async with site(file, environment) as here:
        live = here.past().live
        if live is None:
            raise Failure(
                where=environment,
                what="no revision is live",
                why="what a canary can decide follows from the traffic that the live revision gets",
                next=f"golive deploy --env {environment}",
                code=Exit.WAITING,
            )
        since = await counted(here)
        await asyncio.sleep(seconds)
        seen = await traffic(here, live.name, since)
        return by_weight(here.spec, environment, seen)
