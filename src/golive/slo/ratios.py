"""An SLO as an expression: the share of what is counted that was bad, within a window."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from golive.errors import Exit, Failure
from golive.slo.promql import AtMost, By, Expression, Now, Number, Over, Sampled, Select, Two, length
from golive.slo.selector import select
from golive.slo.series import Matcher
from golive.spec.observed import Observe, Slo, Vocabulary
from golive.spec.values import LatencyObjective, Objectives

RATIO = "slo:sli_error:ratio_rate"  # with the window behind it, as Sloth names it
COARSEST = 240  # a window of a subquery is looked at so many times at most
FINEST = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose series are meant: conditions on labels, and by which labels the answer is told apart."""

    matchers: tuple[Matcher, ...]
    by: tuple[str, ...]

    def narrowed(self, of: Select, *more: Matcher) -> Select:
        return Select(of.metric, (*of.matchers, *more, *self.matchers))

    def total(self, of: Select, window: timedelta, *more: Matcher) -> By:
        """Events each second, all instances together."""
        return By("sum", Over("rate", self.narrowed(of, *more), window), self.by)


def promises(observe: Observe, objectives: Objectives) -> tuple[Slo, ...]:
    """The SLOs; where none are written, what the objectives of a release mean over 30 days."""
    if observe.slos:
        return observe.slos
    found = []
    if objectives.error_rate_ppm:
        found.append(
            Slo(name="availability", kind="availability", target_ppm=1_000_000 - objectives.error_rate_ppm)
        )
    for bound in objectives.latency:
        name = "latency" if len(objectives.latency) == 1 else f"latency-{bound.max_ms}ms"
        found.append(Slo(name=name, kind="latency", target_ppm=bound.quantile_ppm, max_ms=bound.max_ms))
    return tuple(found)


def counted_bounds(observe: Observe) -> tuple[LatencyObjective, ...]:
    """What the histogram of golive's own front door must have a bound for."""
    own = [slo for slo in observe.slos if slo.kind == "latency" and not slo.latency]
    return tuple(LatencyObjective(quantile_ppm=slo.target_ppm, max_ms=slo.max_ms) for slo in own)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """An SLO beside what it is counted by."""

    slo: Slo
    vocabulary: Vocabulary

    def selected(self, written: str, key: str) -> Select:
        return select(written, where=f"observe.slos ({self.slo.name}): {key}")

    @property
    def requests(self) -> Select:
        return self.selected(self.slo.requests or self.vocabulary.requests, "requests")

    @property
    def errors(self) -> Select:
        return self.selected(self.slo.errors or self.vocabulary.errors, "errors")

    @property
    def buckets(self) -> Select:
        found = self.histogram
        return Select(found.metric + "_bucket", found.matchers)

    @property
    def histogram(self) -> Select:
        return self.selected(self.slo.latency or self.vocabulary.latency, "latency")

    @property
    def count(self) -> Select:
        return Select(self.histogram.metric + "_count", self.histogram.matchers)

    @property
    def fast(self) -> Matcher:
        """The bucket of answers that are fast enough."""
        return Matcher("le", "=", self.bound)

    @property
    def bound(self) -> str:
        """The bucket of what is fast enough, as `le` has it."""
        return bound_text(self.slo.max_ms, self.vocabulary)

    @property
    def slower(self) -> tuple[str, ...]:
        """Bounds above it that hold every answer, so that quantiles can be told as well."""
        return (bound_text(2 * self.slo.max_ms, self.vocabulary), "+Inf")

    def bad(self, window: timedelta, scope: Scope) -> Expression:
        """The share that was bad."""
        slo = self.slo
        match slo.kind:
            case "availability":
                errors, all_ = scope.total(self.errors, window), scope.total(self.requests, window)
                none = Two("*", all_, Number(0))  # no series of errors yet: there were requests, and none failed
                return Two("/", Two("or", errors, none), all_)
            case "latency":
                fast = scope.total(self.buckets, window, self.fast)
                return Two("-", Number(1), Two("/", fast, scope.total(self.count, window)))
            case "ratio":
                good = scope.total(self.selected(slo.good, "good"), window)
                return Two("-", Number(1), Two("/", good, scope.total(self.selected(slo.total, "total"), window)))
            case "freshness":
                newest = By("max", scope.narrowed(self.selected(slo.updated, "updated")), scope.by)
                stale = Two("> bool", Two("-", Now(), newest), Number(slo.max_ms / 1000))
                return Sampled(stale, window, coarseness(window))
            case "composed":
                parts = Matcher("slo", "=~", "|".join(slo.parts))
                return AtMost(By("sum", scope.narrowed(Select(recorded(window)), parts), scope.by), 1)
        raise AssertionError(slo.kind)


def coarseness(window: timedelta) -> timedelta:
    """How far apart a subquery looks: whole seconds."""
    return timedelta(seconds=max(FINEST, window / COARSEST) // timedelta(seconds=1))


def bound_text(max_ms: int, vocabulary: Vocabulary) -> str:
    """As client libraries write it: 300 or 0.3."""
    return str(max_ms) if vocabulary.unit == "ms" else f"{max_ms / 1000:g}"


def recorded(window: timedelta) -> str:
    """The name of the recorded share of a window."""
    return RATIO + length(window)


def known(slos: tuple[Slo, ...]) -> Mapping[str, Slo]:
    """By name; `Failure` when there is none to speak of."""
    if not slos:
        raise Failure(
            where="golive.yaml: observe.slos",
            what="nothing is promised",
            why="there is no SLO, and objectives has neither error_rate nor latency",
            next="golive spec explain observe.slos",
            code=Exit.USAGE,
        )
    return {slo.name: slo for slo in slos}
