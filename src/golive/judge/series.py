"""A watch as a file: everything that its verdict was computed from, so that anybody can compute it again. Pure.

The shape is `golive.series/v1`: the terms, the weights, and the ticks in the order in which they were judged.
Latencies are counts by upper bound in milliseconds ("inf" beyond the highest); bounds without requests are left
out. Floating point numbers are written so that they are read back to the last digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from golive.errors import Exit, Failure
from golive.evidence.record import Json
from golive.judge.samples import Event, Samples, Tick
from golive.judge.terms import Calibration, Phi, Terms

Evidence = tuple[str, float, float]  # a metric, log10 of its evidence of harm, and of proof

SCHEMA = "golive.series/v1"
MOST_TICKS = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Series:
    """One recorded watch. `marks` are verdicts as they were given: when, and in a few words."""

    terms: Terms
    events: tuple[Event, ...]
    samples: Samples
    rollout: str = ""
    marks: tuple[tuple[datetime, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()  # as it stood when this was kept


def body(series: Series) -> dict[str, Any]:
    """What is kept as a file; unlike a record it may hold fractions."""
    return {
        "schema": SCHEMA,
        "rollout": series.rollout,
        "terms": _dumped(series.terms),
        "events": [_dumped(event) for event in series.events],
        "marks": [[at.isoformat(), text] for at, text in series.marks],
        "bounds_ms": list(series.samples.bounds_ms),
        "note": series.samples.note,
        "evidence": [list(evidence) for evidence in series.evidence],
        "ticks": [_tick_body(tick, series.samples.bounds_ms) for tick in series.samples.ticks],
    }


def series(found: object, where: str) -> Series:
    """A file's content; `Failure` (exit 2) says what is wrong with it, and at which key."""
    from pydantic import AwareDatetime, TypeAdapter, ValidationError

    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise _refused(where, "this is no recorded watch", f"its schema must be {SCHEMA}")
    try:
        bounds = tuple(TypeAdapter(list[int]).validate_python(found.get("bounds_ms", [])))
        _refuse_unless(where, list(bounds) == sorted(set(bounds)), "bounds_ms do not rise")
        rows = found.get("ticks", [])
        _refuse_unless(where, isinstance(rows, list) and len(rows) <= MOST_TICKS, "ticks are no list, or too many")
        terms = TypeAdapter(Terms).validate_python(found.get("terms", {}))
        events = TypeAdapter(tuple[Event, ...]).validate_python(found.get("events", []))
        _refuse_unless(where, all(e.at.tzinfo for e in events), "an event's time has no zone, such as +00:00")
        _refuse_unless(where, all(0 <= e.weight <= 100 for e in events), "a weight is not 0 to 100 percent")
        _refuse_unless(where, _usable(terms), "terms that nothing can be judged by")
        return Series(
            rollout=str(found.get("rollout", "")),
            terms=terms,
            events=events,
            evidence=TypeAdapter(tuple[Evidence, ...]).validate_python(found.get("evidence", [])),
            marks=TypeAdapter(tuple[tuple[AwareDatetime, str], ...]).validate_python(found.get("marks", [])),
            samples=Samples(
                bounds_ms=bounds,
                ticks=tuple(_tick(row, bounds, f"{where}: ticks[{n}]") for n, row in enumerate(rows)),
                note=str(found.get("note", "")),
            ),
        )
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        raise _refused(where, f"{at}: {first['msg'].lower()}", f"{error.error_count()} such finds") from error


def _usable(terms: Terms) -> bool:
    """Whether chances, margins and φ are numbers that evidence can be held against."""
    judging, known = terms.judging, terms.calibration
    chances = (judging.alpha_ppm, judging.beta_ppm, judging.error_plus_ppm)
    phis = [value for phi in known.phi.values() for value in (phi.fine, phi.minutes, phi.gross)] if known else []
    limits = [
        terms.objectives.error_rate_ppm or 0,
        *(1_000_000 - o.quantile_ppm for o in terms.objectives.latency),
    ]
    return (
        all(0 < chance < 500_000 for chance in chances)
        and 1 < judging.error_times < 1_000
        and all(1 <= value < 10_000 for value in phis)
        and all(0 <= limit < 1_000_000 for limit in limits)
        and timedelta(0) < terms.horizon < timedelta(days=366)
    )


def calibration_body(calibration: Calibration) -> Json:
    """What a record holds: φ in thousandths, the watch in seconds."""
    return {
        "phi": {
            metric: {"fine": _milli(phi.fine), "minutes": _milli(phi.minutes), "gross": _milli(phi.gross)}
            for metric, phi in sorted(calibration.phi.items())
        },
        "canaries": calibration.canaries,
        "alarms": calibration.alarms,
        "watch_s": round(calibration.watch.total_seconds()),
        "source": calibration.source,
        "at": calibration.at.isoformat(),
    }


def calibration_from(found: Any) -> Calibration:
    """What `calibration_body` gave; KeyError, TypeError or ValueError when it is something else."""
    return Calibration(
        phi={
            str(metric): Phi(**{part: _phi(phi[part]) for part in ("fine", "minutes", "gross")})
            for metric, phi in found["phi"].items()
        },
        canaries=int(found["canaries"]),
        alarms=int(found["alarms"]),
        watch=timedelta(seconds=int(found["watch_s"])),
        source=str(found["source"]),
        at=datetime.fromisoformat(str(found["at"])),
    )


def _phi(milli: Any) -> float:
    if int(milli) < 1000:
        raise ValueError(f"φ of {milli} thousandths would make evidence larger than it is")
    return int(milli) / 1000


def _milli(phi: float) -> int:
    return round(1000 * phi)


def _dumped(value: object) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(type(value)).dump_python(value, mode="json")


def _tick_body(tick: Tick, bounds_ms: Sequence[int]) -> dict[str, Any]:
    names = [*(str(bound) for bound in bounds_ms), "inf"]
    counts: dict[str, Any] = {n: c for n, c in zip(names, tick.latency, strict=False) if c}
    own: dict[str, Any] = {
        "at": tick.at.isoformat(),
        "revision": tick.revision,
        "requests": tick.requests,
        "errors": tick.errors,
        "latency": counts,
    }
    own |= {"synthetic": True} if tick.synthetic else {}
    own |= {"instance": tick.instance} if tick.instance else {}
    return own | ({"gauges": dict(tick.gauges)} if tick.gauges else {})


def _tick(row: object, bounds_ms: Sequence[int], where: str) -> Tick:
    if not isinstance(row, dict):
        raise _refused(where, "this is no object", "a tick says at, revision, requests, errors, latency")
    try:
        at = datetime.fromisoformat(str(row["at"]))
        tick = Tick(
            at=at,
            revision=str(row["revision"]),
            requests=_count(row["requests"]),
            errors=_count(row["errors"]),
            latency=_latency(row.get("latency") or {}, bounds_ms),
            synthetic=bool(row.get("synthetic", False)),
            instance=str(row.get("instance", "")),
            gauges={str(name): float(value) for name, value in (row.get("gauges") or {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _refused(where, f"{type(error).__name__}: {error}", "counts are whole numbers from 0 on") from error
    _refuse_unless(where, at.tzinfo is not None, "the time has no zone, such as +00:00")
    _refuse_unless(where, tick.errors <= tick.requests, "more errors than requests")
    return tick


def _latency(found: Mapping[str, object], bounds_ms: Sequence[int]) -> tuple[int, ...]:
    names = [*(str(bound) for bound in bounds_ms), "inf"]
    unknown = found.keys() - set(names)
    if unknown:
        raise ValueError(f"{sorted(unknown)[0]} is not among bounds_ms")
    return tuple(_count(found.get(name, 0)) for name in names) if found else (0,) * len(names)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def _refuse_unless(where: str, holds: bool, what: str) -> None:
    if not holds:
        raise _refused(where, what, "")


def _refused(where: str, what: str, why: str) -> Failure:
    return Failure(
        where=where, what=what, why=why, next="docs/reference/series.md shows the shape", code=Exit.USAGE
    )
