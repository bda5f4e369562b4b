"""A recorded watch told again: the same fold over the same ticks, and all that a picture shows. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from golive.judge.assessment import Assessment
from golive.judge.decision import Stand, judge
from golive.judge.minutes import Count
from golive.judge.peers.rules import PEERS
from golive.judge.peers.ruling import Ruling
from golive.judge.peers.tally import minutes_of
from golive.judge.samples import Event, Samples, Tick
from golive.judge.series import Series
from golive.judge.story import Curve, Served, Story
from golive.judge.verdict import Answer, Verdict
from golive.judge.watch import Watch

BEFORE = datetime.min.replace(tzinfo=UTC)
NAMES = ("errors", "p50", "p90", "p99")


@dataclass(frozen=True, kw_only=True)
class Retold:
    """What the fold said at each instant; `decided` is the first verdict that was not INCONCLUSIVE."""

    found: Assessment
    verdict: Verdict
    decided: tuple[datetime, Verdict] | None
    story: Story
    peers: tuple[tuple[str, Ruling], ...]


def retell(series: Series, *, peers: bool = False) -> Retold:
    """Fold the series again, instant by instant."""
    watch = Watch(series.terms)
    found, verdict = watch.assess(), judge(watch.assess(), series.terms, _stand(series, ()))
    steps: list[tuple[datetime, Assessment]] = []
    decided: tuple[datetime, Verdict] | None = None
    for at, ticks in _instants(series.samples.ticks):
        past = tuple(event for event in series.events if event.at <= at)
        watch.take(Samples(bounds_ms=series.samples.bounds_ms, ticks=ticks, note=series.samples.note), past)
        found = watch.assess()
        verdict = judge(found, series.terms, _stand(series, past, at))
        steps.append((at, found))
        if decided is None and verdict.answer is not Answer.INCONCLUSIVE:
            decided = (at, verdict)
    old = series.terms.old or ""
    minutes = minutes_of(series.samples.ticks, series.terms.new, old) if peers and old else ()
    return Retold(
        found=found,
        verdict=verdict,
        decided=decided,
        story=_story(series, steps, decided, verdict),
        peers=tuple((name, rule(minutes, series.samples.bounds_ms)) for name, rule in PEERS if minutes),
    )


def _stand(series: Series, past: tuple[Event, ...], at: datetime | None = None) -> Stand:
    if not past or at is None:
        return Stand(weight=0, since=None, soak=timedelta(0), now=at or BEFORE)
    newest = past[-1]
    return Stand(weight=newest.weight, since=newest.at, soak=newest.soak, now=at)


def _instants(ticks: tuple[Tick, ...]) -> Iterator[tuple[datetime, tuple[Tick, ...]]]:
    ordered = sorted(ticks, key=lambda tick: tick.at)
    for at, together in groupby(ordered, key=lambda tick: tick.at):
        yield at, tuple(together)


def _story(
    series: Series,
    steps: list[tuple[datetime, Assessment]],
    decided: tuple[datetime, Verdict] | None,
    verdict: Verdict,
) -> Story:
    marks = series.marks or (((decided[0], str(decided[1].answer)),) if decided else ())
    new, old = series.terms.new, series.terms.old or ""
    served = {
        at: {name: _served(series, ticks, name) for name in (new, old)} for at, ticks in _instants_of(series)
    }
    return Story(
        rollout=series.rollout,
        new=new,
        old=old,
        at=tuple(at for at, _ in steps),
        curves=tuple(_curve(name, steps) for name in NAMES if steps and steps[-1][1].metric(name)),
        new_served=tuple(served[at][new] for at, _ in steps),
        old_served=tuple(served[at][old] for at, _ in steps),
        weights=series.events,
        marks=tuple(marks),
        conclusion=(decided[1] if decided else verdict).because,
    )


def _instants_of(series: Series) -> Iterator[tuple[datetime, tuple[Tick, ...]]]:
    return _instants(series.samples.ticks)


def _served(series: Series, ticks: tuple[Tick, ...], revision: str) -> Served:
    mine = [tick for tick in ticks if tick.revision == revision and not tick.instance]
    requests, errors = sum(t.requests for t in mine), sum(t.errors for t in mine)
    width = len(series.samples.bounds_ms) + 1
    latency = tuple(sum(t.latency[n] for t in mine if len(t.latency) == width) for n in range(width))
    count = Count(requests=requests, errors=errors, latency=latency)
    return Served(requests=requests, errors=errors, p99_ms=count.quantile_ms(0.99, series.samples.bounds_ms))


def _curve(name: str, steps: list[tuple[datetime, Assessment]]) -> Curve:
    """A metric that was not known from the beginning has no evidence until then."""
    found = [assessment.metric(name) for _, assessment in steps]
    last = next(metric for metric in reversed(found) if metric)
    return Curve(
        metric=name,
        harm=tuple(max(m.harm, m.gross * m.harm_boundary / m.gross_boundary) if m else 0.0 for m in found),
        proof=tuple(m.proof if m else 0.0 for m in found),
        harm_boundary=last.harm_boundary,
        proof_boundary=last.proof_boundary,
        margin=last.margin,
    )
