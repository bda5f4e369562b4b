"""What a canary can decide with today's traffic, said before it starts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.controller.site import Site
from golive.judge.advice import WEIGHTS, Advice, advise, sentence, span
from golive.judge.terms import Terms
from golive.release.wanted import Wanted
from golive.spec.values import Spec


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What the live revision served lately."""

    per_second: float
    error_rate: float
    requests: int


async def counted(site: Site) -> datetime:
    """A first reading of the live revision's counters, for `traffic` to go by; since when it counts."""
    since = site.outside.clock.now() - timedelta(milliseconds=2)  # readings are kept by the millisecond
    live = site.past().live
    if live:
        await site.outside.samples.read([live.name], since)
    return since


async def traffic(site: Site, revision: str, since: datetime) -> Traffic | None:
    """From the counters; None when two readings are not to be had."""
    samples = await site.outside.samples.read([revision], since)
    ticks = [tick for tick in samples.ticks if tick.revision == revision]
    requests = sum(tick.requests for tick in ticks)
    seconds = (ticks[-1].at - since).total_seconds() if ticks else 0.0
    if seconds <= 0:
        return None
    errors = sum(tick.errors for tick in ticks)
    return Traffic(
        per_second=requests / seconds, error_rate=errors / requests if requests else 0.0, requests=requests
    )


def by_weight(spec: Spec, environment: str, seen: Traffic | None) -> tuple[tuple[int, Advice], ...]:
    """The advice for each weight."""
    chosen = spec.environments[environment].strategy.weights or WEIGHTS
    terms = Terms(new="", old="", objectives=spec.objectives, judging=spec.judging)
    known = seen or Traffic(per_second=0.0, error_rate=0.0, requests=0)
    return tuple(
        (weight, advise(known.per_second * weight / 100, known.error_rate, terms)) for weight in sorted({*chosen})
    )


def warning(wanted: Wanted, spec: Spec, seen: Traffic | None) -> str:
    """Why evidence will not decide a judged rollout within its soaks; "" when it will, or is not known."""
    judged = [stage for stage in wanted.stages if stage.judged and 0 < stage.weight < 100]
    if not judged or seen is None or wanted.old is None:
        return ""
    terms = Terms(new="", old="", objectives=spec.objectives, judging=spec.judging)
    planned = sum((stage.soak for stage in judged), timedelta(0))
    best = max(judged, key=lambda stage: stage.weight)
    advice = advise(seen.per_second * best.weight / 100, seen.error_rate, terms)
    if advice.proof_s is not None and advice.proof_s <= planned.total_seconds():
        return ""
    soon = f"this rollout cannot be decided by evidence within its soaks of {span(planned.total_seconds())}"
    return f"{soon}: at {best.weight} %, {sentence(advice)}"
