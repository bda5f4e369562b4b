"""The fold: ticks and events in, an assessment out. Constant time and memory per tick, however long the watch.

Ticks of the two revisions that end at the same instant form a stratum; the load that golive itself mixes in
forms strata of its own. Each is judged by itself, so a common rate that moves, bursts or drifts cancels, and the
weight may change at any time. A tick of one revision alone says nothing about the other, and counts for the
objectives only. Folding the same ticks and events again gives the same numbers to the last digit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate, groupby
from math import isfinite

from golive.judge.assessment import LOG10, Assessment, Limit, Metric, Sign
from golive.judge.guard import Guard
from golive.judge.harm import Harm, factors
from golive.judge.odds import Table
from golive.judge.proof import ErrorProof, LatencyProof
from golive.judge.samples import Event, Samples, Tick
from golive.judge.signs import Saturation, Traffic, shared
from golive.judge.terms import EIGHTHS, METRICS, PPM, QUANTILES, SHARES, Terms

REFERENCE = 200  # latencies of the old revision from which the bounds of its quantiles are chosen
SETTLING_S = 15.0  # requests are counted when they are answered: a new revision's first ones come late


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Where latency is cut in two for one metric: places in the histogram."""

    place: int  # slower than this bucket's bound
    shifted: int  # slower than the margin allows
    bound_ms: int
    shifted_ms: int


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """What both revisions served up to one instant. `seconds` is since the stratum before."""

    at: datetime
    seconds: float
    new: Tick | None
    old: Tick | None
    synthetic: bool


@dataclass
class Totals:
    """Of one metric since the first traffic."""

    new_part: int = 0
    new_whole: int = 0
    old_part: int = 0
    old_whole: int = 0
    expected: float = 0.0

    def take(self, table: Table) -> None:
        self.new_part += table.x1
        self.new_whole += table.n1
        self.old_part += table.x0
        self.old_whole += table.n0
        self.expected += table.expected


@dataclass
class Watch:
    """One rollout being watched. Feed it with `take`, ask it with `assess`."""

    terms: Terms
    bounds_ms: tuple[int, ...] = ()
    cuts: dict[str, Cut] = field(default_factory=dict)
    _events: list[Event] = field(default_factory=list)
    _reference: list[int] = field(default_factory=list)
    _harm: dict[str, Harm] = field(default_factory=dict)
    _errors: ErrorProof = field(init=False)
    _proofs: dict[str, LatencyProof] = field(default_factory=dict)
    _totals: dict[str, Totals] = field(default_factory=dict)
    _traffic: Traffic = field(init=False)
    _gauges: dict[str, Saturation] = field(default_factory=dict)
    _guards: list[Guard] = field(default_factory=list)
    _requests: int = 0
    _bad: int = 0
    _old_requests: int = 0
    _all: int = 0
    _measured: int = 0
    _ticks: int = 0
    _newest: datetime | None = None
    _newest_old: datetime | None = None
    _read: datetime | None = None
    _note: str = ""

    def __post_init__(self) -> None:
        terms = self.terms
        for name in METRICS:
            self._totals[name] = Totals()
            self._harm[name] = Harm(
                name, phi=terms.phi(name), alpha=terms.alpha_of(name), looks=terms.looks_are_planned(name)
            )
        judging = terms.judging
        self._errors = ErrorProof(
            phi=terms.phi("errors").fine,
            beta=terms.beta,
            times=judging.error_times,
            plus=judging.error_plus_ppm / PPM,
        )
        self._proofs = {
            name: LatencyProof(phi=terms.phi(name).fine, beta=terms.beta, beyond=1 - quantile)
            for name, quantile in QUANTILES.items()
        }
        self._traffic = Traffic(terms.alpha * SHARES["traffic"])
        if terms.objectives.error_rate_ppm is not None:
            self._guards.append(Guard("errors", terms.objectives.error_rate_ppm, terms.phi("errors").fine))
        for objective in terms.objectives.latency:
            what, phi = f"slower than {objective.max_ms} ms", terms.phi("p99").fine
            self._guards.append(Guard(what, PPM - objective.quantile_ppm, phi))

    def take(self, samples: Samples, events: Sequence[Event] = ()) -> None:
        """What is new: ticks after those taken before, and events not later than they."""
        known = {event.at for event in self._events}
        news = sorted((event for event in events if event.at not in known), key=lambda event: event.at)
        if samples.bounds_ms and not self.bounds_ms:
            self.bounds_ms = samples.bounds_ms
        if samples.note:
            self._note = samples.note
        for at, synthetic, ticks in self._together(samples.ticks):
            while news and news[0].at < at:
                self._move(news.pop(0))
            self._stratum(self._joined(at, synthetic, ticks))
            self._read = self._read if synthetic else at
        for event in news:
            self._move(event)

    def _move(self, event: Event) -> None:
        self._events.append(event)
        self._requests = self._bad = self._old_requests = 0
        for guard in self._guards:
            guard.restart_counts()
        for harm in self._harm.values():
            harm.interrupt()

    def _together(self, ticks: Iterable[Tick]) -> Iterator[tuple[datetime, bool, list[Tick]]]:
        """The ticks that end at the same instant, in order of time, those taken before left out."""
        mine = [t for t in ticks if not t.instance and t.revision in (self.terms.new, self.terms.old)]
        mine.sort(key=lambda tick: (tick.at, tick.synthetic))
        for (at, synthetic), found in groupby(mine, key=lambda tick: (tick.at, tick.synthetic)):
            if synthetic or self._read is None or at > self._read:
                yield at, synthetic, list(found)

    def _joined(self, at: datetime, synthetic: bool, ticks: Sequence[Tick]) -> Stratum:
        before = self._read or (self._events[0].at if self._events else at)
        of = {tick.revision: tick for tick in ticks}
        return Stratum(
            at=at,
            seconds=0.0 if synthetic else (at - before).total_seconds(),
            new=of.get(self.terms.new),
            old=of.get(self.terms.old) if self.terms.old else None,
            synthetic=synthetic,
        )

    def _stratum(self, stratum: Stratum) -> None:
        self._ticks += 1
        new, old = stratum.new, stratum.old
        if not stratum.synthetic:
            self._count(stratum)
        if not stratum.synthetic or self.terms.judging.assist == "load":
            self._guard(stratum)
        if new and old:
            elapsed = stratum.seconds / max(self.terms.horizon.total_seconds(), 1.0)
            self._compare(stratum, new, old, elapsed)
        if old and not self.cuts:
            self._learn(old)

    def _count(self, stratum: Stratum) -> None:
        new, old = stratum.new, stratum.old
        if new:
            self._requests += new.requests
            self._bad += new.errors
            self._newest = stratum.at if new.requests else self._newest
        if old:
            self._old_requests += old.requests
            self._newest_old = stratum.at if old.requests else self._newest_old

    def _guard(self, stratum: Stratum) -> None:
        new, old = stratum.new, stratum.old
        elapsed = stratum.seconds / max(self.terms.horizon.total_seconds(), 1.0)
        for place, guard in enumerate(self._guards):
            counts = (*self._against(guard, place, new), *self._against(guard, place, old))
            guard.take(counts, elapsed=elapsed, seconds=stratum.seconds)

    def _against(self, guard: Guard, place: int, tick: Tick | None) -> tuple[int, int]:
        """How many of a tick broke an objective, of how many."""
        if tick is None:
            return 0, 0
        if guard.what == "errors":
            return tick.errors, tick.requests
        if len(tick.latency) != len(self.bounds_ms) + 1:
            return 0, 0  # other buckets than the watch began with
        errors_first = len(self._guards) - len(self.terms.objectives.latency)
        limit = self.terms.objectives.latency[place - errors_first].max_ms
        within = sum(bound < limit for bound in self.bounds_ms) + 1  # the bucket that holds the objective
        return sum(tick.latency[within:]), sum(tick.latency)

    def _compare(self, stratum: Stratum, new: Tick, old: Tick, elapsed: float) -> None:
        self._all += new.requests
        errors = Table(new.errors, new.requests, old.errors, old.requests)
        self._judge("errors", errors, stratum, elapsed)
        self._errors.take(errors, elapsed)
        width = len(self.bounds_ms) + 1
        if self.cuts and len(new.latency) == len(old.latency) == width:
            self._latency(stratum, new, old, elapsed)
        if not stratum.synthetic:
            self._signs(stratum, new, old, elapsed)

    def _latency(self, stratum: Stratum, new: Tick, old: Tick, elapsed: float) -> None:
        above_new, above_old = above(new.latency), above(old.latency)
        cold = self._cold(stratum.at)
        for name, cut in self.cuts.items():
            slow, whole = above_old[cut.place + 1], above_old[0]
            table = Table(above_new[cut.place + 1], above_new[0], slow, whole)
            if cold:
                self._totals[name].take(table)
            else:
                self._judge(name, table, stratum, elapsed)
            shifted = Table(above_new[cut.shifted + 1], above_new[0], slow, whole)
            self._proofs[name].take(shifted, elapsed)

    def _judge(self, name: str, table: Table, stratum: Stratum, elapsed: float) -> None:
        self._totals[name].take(table)
        tick = factors(name, table, self.terms.margin(name), self.terms.gross_margin)
        self._harm[name].take(tick, elapsed=elapsed, seconds=stratum.seconds, progress=self._progress(stratum.at))

    def _signs(self, stratum: Stratum, new: Tick, old: Tick, elapsed: float) -> None:
        weight = self._weight(stratum)
        if weight is not None and 0 < weight < 100:
            self._traffic.take(new.requests, new.requests + old.requests, weight, elapsed)
        for name in shared(new.gauges, old.gauges):
            gauge = self._gauges.setdefault(name, Saturation(self.terms.alpha * SHARES["saturation"]))
            values = [g if isfinite(g) else None for g in (new.gauges[name], old.gauges[name])]
            gauge.take(values[0], values[1], stratum.seconds)

    def _weight(self, stratum: Stratum) -> int | None:
        """The weight in a stratum; None when it moved inside, or so shortly before that answers are under way."""
        if not self._events:
            return None
        newest = self._events[-1]
        steady = (stratum.at - newest.at).total_seconds() >= stratum.seconds + SETTLING_S
        return newest.weight if steady else None

    def _cold(self, at: datetime) -> bool:
        """Whether instances of the new revision are still warming up."""
        fresh = [event.at for event in self._events[:1]] + [e.at for e in self._events if e.fresh]
        return bool(fresh) and at < max(fresh) + self.terms.judging.warm_up

    def _progress(self, at: datetime) -> float:
        if not self._events:
            return 0.0
        return (at - self._events[0].at) / self.terms.horizon if self.terms.horizon else 1.0

    def _learn(self, old: Tick) -> None:
        """Choose the bounds once, from earlier ticks of the old revision than those they will judge."""
        if not old.latency or len(old.latency) != len(self.bounds_ms) + 1:
            return
        have = self._reference or [0] * len(old.latency)
        self._reference = [a + b for a, b in zip(have, old.latency, strict=True)]
        if sum(self._reference) >= REFERENCE:
            self.cuts = cuts(self.bounds_ms, self._reference)

    def assess(self) -> Assessment:
        """Where everything stands after the newest tick."""
        first = self._events[0].at if self._events else None
        moved = self._events[-1].at if self._events else None
        seconds = (self._read - moved).total_seconds() if self._read and moved else 0.0
        return Assessment(
            requests=self._requests,
            errors=self._bad,
            old_requests=self._old_requests,
            total_requests=self._all,
            since=first,
            newest=self._newest,
            newest_old=self._newest_old,
            newest_read=self._read,
            per_second=self._requests / seconds if seconds > 0 else 0.0,
            ticks=self._ticks,
            measured_from=min((guard.whole for guard in self._guards), default=self._requests),
            told_apart_ms=max(self.bounds_ms, default=0),
            metrics=tuple(self._metric(name) for name in METRICS if name == "errors" or name in self.cuts),
            signs=tuple(self._all_signs()),
            limits=tuple(_limit(guard) for guard in self._guards),
            note=self._note,
        )

    def _metric(self, name: str) -> Metric:
        harm, totals, cut = self._harm[name], self._totals[name], self.cuts.get(name)
        proof = self._errors if name == "errors" else self._proofs[name]
        return Metric(
            name=name,
            new_part=totals.new_part,
            new_whole=totals.new_whole,
            old_part=totals.old_part,
            old_whole=totals.old_whole,
            expected=totals.expected,
            harm=harm.log_e / LOG10,
            harm_boundary=harm.boundary / LOG10,
            gross=harm.log_gross / LOG10,
            gross_boundary=harm.gross_boundary / LOG10,
            bounded=harm.log_bounded / LOG10,
            proof=proof.log_e / LOG10,
            proof_boundary=proof.boundary / LOG10,
            crossed=harm.crossed,
            proven=proof.proven,
            phi=harm.phi.fine,
            slower_than_ms=cut.bound_ms if cut else None,
            margin=self._margin_text(cut),
        )

    def _margin_text(self, cut: Cut | None) -> str:
        if cut is None:
            judging = self.terms.judging
            return (
                f"{judging.error_times:g} times the old revision's, or {judging.error_plus_ppm / 10_000:g} % above"
            )
        return f"{100 * (cut.shifted_ms / cut.bound_ms - 1):.0f} % slower"

    def _all_signs(self) -> Iterable[Sign]:
        traffic = self._traffic
        if traffic.expected:
            yield Sign(
                name="traffic",
                harm=traffic.log_e / LOG10,
                boundary=traffic.boundary / LOG10,
                crossed=traffic.crossed,
                text=f"{traffic.arrived} requests arrived, {traffic.expected:.0f} were due",
            )
        for name, gauge in sorted(self._gauges.items()):
            told = f"{gauge.ratio:.2f} times the old revision's" if gauge.ratio else "not measured yet"
            yield Sign(
                name=f"saturation {name}",
                harm=gauge.log_e / LOG10,
                boundary=gauge.boundary / LOG10,
                crossed=gauge.crossed,
                text=told,
            )


def cuts(bounds_ms: Sequence[int], latency: Sequence[int]) -> dict[str, Cut]:
    """For each quantile the bucket that holds it, and the one that its margin reaches."""
    below = list(accumulate(latency))
    found = {}
    for name, quantile in QUANTILES.items():
        place = next(n for n, count in enumerate(below) if count >= quantile * below[-1])
        if place >= len(bounds_ms) - 1:
            continue  # the quantile lies beyond what is told apart
        reach = bounds_ms[place] * 2 ** (EIGHTHS[name] / 8) * 0.999
        shifted = next((n for n, bound in enumerate(bounds_ms) if n > place and bound >= reach), None)
        if shifted is not None:
            found[name] = Cut(
                place=place, shifted=shifted, bound_ms=bounds_ms[place], shifted_ms=bounds_ms[shifted]
            )
    return found


def above(latency: Sequence[int]) -> list[int]:
    """How many are in each bucket or a slower one; the last entry, beyond all, is 0."""
    return [*reversed(list(accumulate(reversed(latency)))), 0]


def _limit(guard: Guard) -> Limit:
    return Limit(
        what=guard.what,
        limit_ppm=guard.limit_ppm,
        part=guard.part,
        whole=guard.whole,
        old_part=guard.old_part,
        old_whole=guard.old_whole,
        evidence=guard.log_e / LOG10,
        boundary=guard.boundary / LOG10,
        recent_broken=guard.lasting,
    )
