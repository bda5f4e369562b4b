"""Placebo canaries: how much requests of one service vary though nothing was released. Pure.

Retry storms, noisy neighbours and instances that differ a little break the assumption that requests are
exchangeable between two revisions. So each instance of the *same* revision is judged against the others, watch
after watch, through history; φ of a metric is the smallest number with which hardly any of these placebo canaries
would have been rolled back. What history does not show (a cold start, a bigger fleet) it does not teach.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from math import log, sqrt

from golive.errors import Exit, Failure
from golive.judge.harm import Factors, Harm, Minutes, factors, grid, tempered
from golive.judge.odds import Table
from golive.judge.process import Mixture
from golive.judge.samples import Tick
from golive.judge.terms import CALM, GROSS_ALPHA, GROSS_WEIGHTS, METRICS, Calibration, Phi, Terms
from golive.judge.watch import REFERENCE, Cut, above, cuts

PHIS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)
HOPELESS = 1_000.0  # no φ was enough
ALLOWED = 0.002  # placebo canaries that may be rolled back, of all: of 456 none
FEWEST = 20  # placebo canaries
RESERVE = 1.2  # times φ, one step up: no alarm in 456 placebos only says "fewer than one in 150", of each side
LASTING_RESERVE = 2.0  # where instances differ for good: evidence grows with the square of a difference, and one
# in a hundred instances differs 1.4 times as much as the worst of twenty
SEVERAL = 6
PARTS = ("fine", "minutes", "gross")


Side = tuple[str, str]  # a metric, and "fine", "minutes" or "gross"
Row = tuple[Factors, float]  # a tick, and how many seconds it took


@dataclass(frozen=True, kw_only=True)
class Placebo:
    """One instance judged against the others for one watch: for each side the φ that it takes to leave it be."""

    instance: str
    began: datetime
    needed: Mapping[Side, float]


def placebos(ticks: Sequence[Tick], bounds_ms: Sequence[int], terms: Terms) -> Iterator[Placebo]:
    """Every instance against the others, in watches of `terms.horizon`, one after the other."""
    chosen = _cuts(ticks, bounds_ms)
    for watch in _watches(ticks, terms.horizon):
        names = sorted({tick.instance for together in watch for tick in together})
        for name in names if len(names) > 1 else ():
            yield _placebo(name, watch, chosen, terms)


def calibrate(found: Iterable[Placebo], *, watch: timedelta, source: str, at: datetime) -> Calibration:
    """The smallest φ of each metric with which at most one placebo in 500 would be rolled back."""
    canaries = list(found)
    if len(canaries) < FEWEST:
        raise Failure(
            where=source,
            what=f"{len(canaries)} placebo canaries, {FEWEST} are needed",
            why="a placebo is one instance judged against the others for one watch",
            next="measure longer, with more instances, or with a shorter --watch",
            code=Exit.WAITING,
        )
    allowed = int(ALLOWED * len(canaries))
    phi: dict[Side, float] = {(name, part): 1.0 for name in METRICS for part in PARTS}
    alarms = _raised(canaries, phi, allowed)
    for side, value in phi.items():
        if 1.0 < value < HOPELESS:
            reserve = LASTING_RESERVE if _lasting(canaries, side, value) else RESERVE
            phi[side] = next((step for step in PHIS if step >= reserve * value), PHIS[-1])
    noisy = sorted({name for (name, _), value in phi.items() if value == HOPELESS})
    if noisy:
        raise Failure(
            where=source,
            what=f"{' and '.join(noisy)} differ too much between instances to be judged",
            why=f"even with {PHIS[-1]:g} times less evidence more than {allowed} placebo canaries alarm",
            next="find out why instances of one revision differ; until then people decide",
            code=Exit.WAITING,
        )
    by_metric = {name: Phi(**{part: phi[name, part] for part in PARTS}) for name in METRICS}
    return Calibration(phi=by_metric, canaries=len(canaries), alarms=alarms, watch=watch, source=source, at=at)


def _raised(canaries: Sequence[Placebo], phi: dict[Side, float], allowed: int) -> int:
    """Raise `phi`, always of the side that alarms most, until few enough placebos alarm; how many still do."""
    while True:
        alarmed = [p for p in canaries if any(p.needed.get(side, 1.0) > at for side, at in phi.items())]
        if len(alarmed) <= allowed:
            return len(alarmed)
        loud = {side: sum(p.needed.get(side, 1.0) > at for p in alarmed) for side, at in phi.items()}
        worst = max(phi, key=lambda side: loud[side])
        if phi[worst] == HOPELESS:
            return len(alarmed)
        phi[worst] = next((step for step in PHIS if step > phi[worst]), HOPELESS)


def _lasting(canaries: Sequence[Placebo], side: Side, value: float) -> bool:
    """Whether it is the same few instances that alarm, watch after watch: then few draws of luck were seen.

    At some φ below the chosen one, several alarms fall on fewer instances than chance would have it (by two
    standard deviations of the number of urns that so many balls leave filled).
    """
    instances = len({placebo.instance for placebo in canaries})
    for phi in (step for step in PHIS if step < value):
        alarmed = [placebo.instance for placebo in canaries if placebo.needed.get(side, 1.0) > phi]
        if len(alarmed) >= SEVERAL and len(set(alarmed)) < _fewest_urns(instances, len(alarmed)):
            return True
    return False


def _fewest_urns(urns: int, balls: int) -> float:
    """Two standard deviations below the mean number of urns that hold at least one ball."""
    empty, both_empty = (1 - 1 / urns) ** balls, (1 - 2 / urns) ** balls
    variance = urns * (urns - 1) * both_empty + urns * empty - (urns * empty) ** 2
    return urns * (1 - empty) - 2 * sqrt(max(variance, 0.0))


def _watches(ticks: Sequence[Tick], length: timedelta) -> Iterator[list[list[Tick]]]:
    """Whole watches, each a list of instants with the ticks of all instances."""
    instants = [list(group) for _, group in groupby(sorted(ticks, key=_order), key=lambda tick: tick.at)]
    watch: list[list[Tick]] = []
    for together in instants:
        if watch and together[0].at - watch[0][0].at >= length:
            yield watch
            watch = []
        watch.append(together)
    if len(watch) > 1 and watch[-1][0].at - watch[0][0].at >= length * 0.9:
        yield watch


def _order(tick: Tick) -> tuple[datetime, str]:
    return tick.at, tick.instance


def _cuts(ticks: Sequence[Tick], bounds_ms: Sequence[int]) -> dict[str, Cut]:
    sums = [0] * (len(bounds_ms) + 1)
    for tick in ticks:
        if len(tick.latency) == len(sums):
            sums = [a + b for a, b in zip(sums, tick.latency, strict=True)]
    return cuts(bounds_ms, sums) if sum(sums) >= REFERENCE else {}


def _placebo(name: str, watch: list[list[Tick]], chosen: Mapping[str, Cut], terms: Terms) -> Placebo:
    rows: dict[str, list[Row]] = {metric: [] for metric in ("errors", *chosen)}
    before = watch[0][0].at
    plain = replace(
        terms, calibration=Calibration(phi={}, canaries=0, alarms=0, watch=terms.horizon, source="", at=before)
    )
    for together in watch:
        seconds = (together[0].at - before).total_seconds()
        before = together[0].at
        for metric, table in _tables(name, together, chosen):
            tick = factors(metric, table, plain.margin(metric), plain.gross_margin)
            rows[metric].append((tick, seconds))
    return Placebo(
        instance=name,
        began=watch[0][0].at,
        needed={side: phi for metric, found in rows.items() for side, phi in _needed(metric, found, plain)},
    )


def _tables(name: str, together: Sequence[Tick], chosen: Mapping[str, Cut]) -> Iterator[tuple[str, Table]]:
    mine = next((tick for tick in together if tick.instance == name), None)
    others = [tick for tick in together if tick.instance != name]
    if mine is None or not others:
        return
    yield (
        "errors",
        Table(mine.errors, mine.requests, sum(t.errors for t in others), sum(t.requests for t in others)),
    )
    sums = [sum(counts) for counts in zip(*(t.latency for t in others), strict=True)]
    new, old = above(mine.latency), above(sums)
    for metric, cut in chosen.items():
        yield metric, Table(new[cut.place + 1], new[0], old[cut.place + 1], old[0])


def _needed(metric: str, rows: Sequence[Row], terms: Terms) -> Iterator[tuple[Side, float]]:
    """For each side of the evidence the first φ with which this watch raises no alarm by itself."""
    calm = Harm(metric, phi=CALM, alpha=terms.alpha_of(metric), looks=True)
    planned, passed = terms.horizon.total_seconds(), 0.0
    for tick, seconds in rows:
        passed += seconds
        calm.take(tick, elapsed=seconds / planned, seconds=seconds, progress=passed / planned)
    boundary = -log(2 * terms.alpha_of(metric))  # nothing is kept for looks then
    yield (
        (metric, "fine"),
        1.0 if calm.fine_held else _first(PHIS[1:], lambda phi: _fine(metric, rows, phi, boundary)),
    )
    yield (metric, "minutes"), _first(PHIS, lambda phi: _minutes(rows, phi, boundary))
    yield (metric, "gross"), 1.0 if calm.gross_held else _first(PHIS[1:], lambda phi: _gross(rows, phi))


def _first(phis: Sequence[float], alarms: Callable[[float], bool]) -> float:
    return next((phi for phi in phis if not alarms(phi)), HOPELESS)


def _fine(metric: str, rows: Sequence[Row], phi: float, boundary: float) -> bool:
    mixture = Mixture(grid(metric)[1])
    total = sum(seconds for _, seconds in rows)
    for tick, seconds in rows:
        mixture.take([tempered(factor, phi) for factor in tick.fine], seconds / total)
        if mixture.log_e >= boundary:
            return True
    return False


def _minutes(rows: Sequence[Row], phi: float, boundary: float) -> bool:
    minutes = Minutes(phi)
    for tick, seconds in rows:
        minutes.take(tick.table, seconds)
        if minutes.log_e >= boundary:
            return True
    return False


def _gross(rows: Sequence[Row], phi: float) -> bool:
    mixture = Mixture(GROSS_WEIGHTS)
    for tick, _ in rows:
        mixture.take([factor / phi for factor in tick.gross], 0.0)
        if mixture.log_e >= -log(GROSS_ALPHA):
            return True
    return False
