"""A plant put through a rule, by golive's own evaluator: would it fire? No engine, no clock, no network."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from golive.slo.alerts import Alert
from golive.slo.evaluate import Store, between, evaluate
from golive.slo.plants import Plant, Planted, shapes
from golive.slo.promql import Select
from golive.slo.rulebook import RuleBook
from golive.slo.series import NAME, Matcher, Series, labels_of

NOW = datetime(2024, 1, 1, 12, tzinfo=UTC)  # any moment; on no step of any subquery's grid does it matter


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What one plant showed."""

    plant: Plant
    fired: bool

    @property
    def as_expected(self) -> bool:
        return self.fired == self.plant.fires


def rehearse(book: RuleBook, environment: str) -> Iterator[tuple[Alert, tuple[Rehearsed, ...]]]:
    """Every alert with each of its plants."""
    for alert in book.alerts:
        plants = shapes(alert, book.observe, book.by_name)
        yield alert, tuple(Rehearsed(plant=p, fired=fires(book, alert, p, environment)) for p in plants)


def fires(book: RuleBook, alert: Alert, plant: Plant, environment: str, at: datetime = NOW) -> bool:
    """Whether the rule fires for what is planted, and for nothing else."""
    names = book.observe.vocabulary
    where = {names.service: book.service, names.environment: environment}
    store = Store(read=_Planted(tuple(series_of(plant, where, at))).read, recordings=book.recorded())
    found = evaluate(alert.of, at, store)
    return any(where.items() <= dict(labels).items() for labels in found)


def series_of(plant: Plant, where: Mapping[str, str], at: datetime) -> Iterator[Series]:
    """The plant's series as they would be stored, the last sample at `at`."""
    for planted in plant.series:
        yield _series(planted, plant.step, where, at)


def _series(planted: Planted, step: timedelta, where: Mapping[str, str], at: datetime) -> Series:
    end_ms, step_ms = round(at.timestamp() * 1000), step // timedelta(milliseconds=1)
    last = end_ms - planted.gone * step_ms
    times = tuple(last - n * step_ms for n in range(len(planted.values) - 1, -1, -1))
    values = planted.values
    if planted.clock:
        values = tuple(ms / 1000 + value for ms, value in zip(times, values, strict=True))
    labels = labels_of({**dict(planted.labels), **where}.items())
    return Series(labels=labels, times_ms=times, values=values)


@dataclass(frozen=True)
class _Planted:
    """Series in memory."""

    series: tuple[Series, ...]

    def read(self, of: Select, begin_ms: int, end_ms: int) -> Iterable[Series]:
        wanted = (Matcher(NAME, "=", of.metric), *of.matchers)
        for one in self.series:
            if all(matcher.matches(one.labels) for matcher in wanted):
                found = between(one, begin_ms, end_ms)
                if found.values:
                    yield found
