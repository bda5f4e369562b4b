"""perf.json: everything that a load showed, in one file that stands alone. The schema is `perfschema.SCHEMA`."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from golive.judge.performance.histogram import Histogram, merged
from golive.judge.performance.measured import Cell, Interval, Measured
from golive.judge.performance.verdict import bottleneck, held
from golive.judge.verdict import Verdict
from golive.spec.values import Objectives

VERSION = "golive.perf/v2"
SHARES = (0.5, 0.9, 0.95, 0.99, 0.999)
NAMES = ("p50", "p90", "p95", "p99", "p99.9")
CURVE = (0.0, 0.1, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.9925)
TAIL = (0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99999, 1.0)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What was loaded, with what, and where from."""

    run: str  # names the run: time and a few letters
    began: datetime
    service: str
    environment: str
    url: str
    revision: str  # digest of the revision that is live, "" when not known
    config_digest: str
    scenario: Mapping[str, Any]  # name, kind, engine, seconds, arrival, requests, …
    scenario_digest: str  # of what decides whether two runs are the same scenario
    machine: Mapping[str, Any]  # fingerprint and what it was made of


def body(subject: Subject, measured: Measured, objectives: Objectives, verdict: Verdict) -> dict[str, Any]:
    """As the file holds it. `comparison` and `knee` are added by those who make them."""
    return {
        "schema_version": VERSION,
        "run": subject.run,
        "began": subject.began.isoformat(timespec="seconds"),
        "service": subject.service,
        "environment": subject.environment,
        "url": subject.url,
        "revision": subject.revision,
        "by_revision": dict(measured.by_revision),
        "config_digest": subject.config_digest,
        "scenario": {**subject.scenario, "digest": subject.scenario_digest},
        "outcome": {
            "ended": measured.ended,
            "because": measured.because,
            "elapsed_s": _number(measured.elapsed_s),
        },
        "totals": _totals(measured),
        "requests": {name: _named(measured, name) for name in measured.names()},
        "percentiles": _curve(measured.latency()),
        "intervals": [_interval(interval) for interval in measured.intervals],
        "generator": _generator(measured, objectives),
        "resources": _resources(measured),
        "machine": dict(subject.machine),
        "thresholds": {
            "error_rate_ppm": objectives.error_rate_ppm,
            "min_requests": objectives.min_requests,
            "latency": [asdict(one) for one in objectives.latency],
        },
        "objectives": [asdict(one) for one in held(measured, objectives)],
        "failures": [asdict(one) for one in measured.failures],
        "comparison": None,
        "knee": None,
        "verdict": {"answer": str(verdict.answer), "because": verdict.because},
    }


def latencies(latency: Histogram, most_ms: float | None = None) -> dict[str, Any]:
    """Quantiles in milliseconds; all null when there is no request."""
    if not latency.counts:
        return {**dict.fromkeys(NAMES), "max": None}
    *found, most = latency.quantiles_ms((*SHARES, 1.0))
    return {**dict(zip(NAMES, map(_number, found), strict=True)), "max": _number(most_ms or most)}


def _totals(measured: Measured) -> dict[str, Any]:
    cells = [cell for interval in measured.intervals for cell in interval.cells.values()]
    scheduled_s = sum(interval.length_s for interval in measured.intervals)
    span_s = max(scheduled_s, measured.elapsed_s)
    return {
        "asked": measured.asked,
        "sent": measured.sent,
        "ok": measured.ok,
        "failed": measured.failed,
        "error_ratio": _number(measured.failed / measured.sent if measured.sent else 0),
        "asked_per_s": _number(measured.asked / scheduled_s if scheduled_s else 0),
        "throughput_per_s": _number(measured.ok / span_s if span_s else 0),
        "bytes_received": measured.bytes_received,
        "by_code": _codes(cells),
        "causes": _causes(cells),
        "latency_ms": latencies(measured.latency(), measured.most_ms),
    }


def _named(measured: Measured, name: str) -> dict[str, Any]:
    cells = [interval.cells[name] for interval in measured.intervals if name in interval.cells]
    return {
        "ended": sum(cell.ended for cell in cells),
        "failed": sum(cell.failed for cell in cells),
        "by_code": _codes(cells),
        "causes": _causes(cells),
        "latency_ms": latencies(merged(cell.latency for cell in cells)),
    }


def _interval(interval: Interval) -> dict[str, Any]:
    late = Histogram(dict(interval.lateness))
    return {
        "at_s": _number(interval.at_s),
        "length_s": _number(interval.length_s),
        "asked": interval.asked,
        "sent": interval.sent,
        "ok": interval.ok,
        "failed": interval.failed,
        "by_code": _codes(interval.cells.values()),
        "causes": _causes(interval.cells.values()),
        "latency_ms": latencies(interval.latency()),
        "late_p99_ms": _number(late.quantile_ms(0.99)),
        "side": interval.side,
    }


def _generator(measured: Measured, objectives: Objectives) -> dict[str, Any]:
    late, made = measured.lateness(), measured.generator
    return {
        **asdict(made),
        "late_ms": {
            "p50": _number(late.quantile_ms(0.5)),
            "p99": _number(late.quantile_ms(0.99)),
            "max": _number(measured.most_late_ms),
        },
        "bottleneck": bottleneck(measured, objectives),
    }


def _resources(measured: Measured) -> dict[str, Any]:
    series: list[Any] = [{name: _number(v) for name, v in asdict(one).items()} for one in measured.resources]
    return {"from": measured.resources_from, "series": series}


def _curve(latency: Histogram) -> list[Any]:
    """Pairs of share and milliseconds, as far as there are requests beyond it; none when there is no request."""
    total = latency.total
    shares = [share for share in (*CURVE, *TAIL) if share == 1.0 or (1 - share) * total >= 1]
    if not total:
        return []
    return [[share, _number(ms)] for share, ms in zip(shares, latency.quantiles_ms(shares), strict=True)]


def _codes(cells: Iterable[Cell]) -> dict[str, Any]:
    found: dict[str, int] = {}
    for cell in cells:
        for code, count in cell.codes.items():
            found[str(code)] = found.get(str(code), 0) + count
    return dict(sorted(found.items()))


def _causes(cells: Iterable[Cell]) -> dict[str, Any]:
    found: dict[str, int] = {}
    for cell in cells:
        for cause, count in cell.causes.items():
            found[cause] = found.get(cause, 0) + count
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _number(value: float | None) -> Any:
    return round(value, 4) if isinstance(value, float) else value
