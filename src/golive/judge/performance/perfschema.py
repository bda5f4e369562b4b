"""The JSON Schema of perf.json (draft 2020-12). What `perfjson.body` writes is held against it by the tests."""

from typing import Any

from golive.judge.performance.perfjson import NAMES, VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _object(told: str, required: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An object whose keys are all there, and no other."""
    return {
        "description": told,
        "type": "object",
        "properties": required,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _text(told: str) -> dict[str, Any]:
    return {"type": "string", "description": told}


def _whole(told: str) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "description": told}


def _number(told: str) -> dict[str, Any]:
    return {"type": "number", "description": told}


def _or_null(told: str, kind: str = "number") -> dict[str, Any]:
    return {"type": [kind, "null"], "description": told}


def _list(told: str, of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of, "description": told}


def _counts(told: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}, "description": told}


_LATENCY = _object(
    "Milliseconds from when a request was due to its last byte, or to its timeout; null without any.",
    {name: _or_null("ms") for name in (*NAMES, "max")},
)
_BY_CODE = _counts("Whole answers by their code.")
_CAUSES = _counts("Failures by cause, in a few words; `answered CODE` is an answer that was not expected.")
_CHANGE = _object(
    "The level of a metric changed with a run.",
    {"run": _text("The run."), "metric": _text("p50 or p99."), "from": _number("ms"), "to": _number("ms")},
)
_METRIC = _object(
    "One metric of both runs: milliseconds, percent for errors.",
    {
        "name": _text("p50, p90, p99 or errors."),
        "before": _or_null("The other one's."),
        "now": _or_null("This one's."),
        "change_pct": _or_null("Percent."),
        "low_pct": _or_null("Lower bound of the change; null where none can be given."),
        "high_pct": _or_null("Upper bound of the change."),
        "verdict": {"enum": ["slower", "faster", "same", "unknown"]},
    },
)
_COMPARISON = _object(
    "Beside another run; null where there is none.",
    {
        "with": _text("The other run, or the other revision."),
        "with_revision": _text("Its revision's digest."),
        "how": {"enum": ["history", "interleaved"]},
        "comparable": {"type": "boolean"},
        "because": _text("For a person."),
        "metrics": _list("Each metric.", _METRIC),
        "least_seen_pct": _or_null("No smaller change of latency can be seen with this run, percent."),
        "answer": {"enum": ["worse", "better", "no difference", "not comparable"]},
        "changes": _list("Where the level changed over the history of runs.", _CHANGE),
    },
)
_KNEE = _object(
    "The highest rate that holds; null for other scenarios.",
    {
        "rate_per_s": _whole("The known capacity, requests per second; 0: not even the lowest rate held."),
        "limited_by": _text("What ended the search."),
        "steps": _list(
            "Every rate that was tried, in order.",
            _object(
                "One step.",
                {
                    "rate_per_s": _whole("Asked."),
                    "achieved_per_s": _number("Answered as expected."),
                    "p99_ms": _or_null("ms"),
                    "error_ratio": _number("0 to 1."),
                    "holds": {"type": "boolean"},
                    "because": _text("For a person."),
                },
            ),
        ),
    },
)

SCHEMA: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "perf.json",
    **_object(
        "What a load showed of a service.",
        {
            "schema_version": {"const": VERSION},
            "run": _text("Names the run."),
            "began": {"type": "string", "format": "date-time", "description": "UTC."},
            "service": _text("As golive.yaml calls it."),
            "environment": _text("As golive.yaml calls it."),
            "url": _text("Where the requests went."),
            "revision": _text('Digest of the revision that was live; "" when not known.'),
            "by_revision": _counts("Answers by the revision that gave them (x-golive-revision)."),
            "config_digest": _text("SHA-256 of golive.yaml."),
            "scenario": {
                "type": "object",
                "description": "What was asked: name, kind, engine, seconds, arrival (per second), requests.",
                "required": ["name", "digest"],
                "properties": {
                    "name": _text("As golive.yaml calls it."),
                    "digest": _text("The same for runs that may be compared."),
                },
            },
            "outcome": _object(
                "How it ended.",
                {
                    "ended": {"enum": ["whole", "interrupted", "aborted"]},
                    "because": _text('Of an early end; else "".'),
                    "elapsed_s": _number("Seconds to the last answer, or the end of the schedule."),
                },
            ),
            "totals": _object(
                "Over the whole load.",
                {
                    "asked": _whole("Requests that were due."),
                    "sent": _whole("Requests that were sent."),
                    "ok": _whole("Answers as expected."),
                    "failed": _whole("Requests that a user would complain about."),
                    "error_ratio": _number("failed / sent."),
                    "asked_per_s": _number("Mean rate of the schedule."),
                    "throughput_per_s": _number("ok per second."),
                    "bytes_received": _whole("Bytes of answers."),
                    "by_code": _BY_CODE,
                    "causes": _CAUSES,
                    "latency_ms": _LATENCY,
                },
            ),
            "requests": {
                "type": "object",
                "description": "The same for each request name.",
                "additionalProperties": _object(
                    "One name.",
                    {
                        "ended": _whole("Requests that ended, well or not."),
                        "failed": _whole("Of them failed."),
                        "by_code": _BY_CODE,
                        "causes": _CAUSES,
                        "latency_ms": _LATENCY,
                    },
                ),
            },
            "percentiles": _list(
                "The percentile curve.",
                {"type": "array", "prefixItems": [_number("Share, 0 to 1."), _number("ms")], "minItems": 2},
            ),
            "intervals": _list(
                "Stretches of the schedule; a request belongs to the one in which it was due.",
                _object(
                    "One stretch.",
                    {
                        "at_s": _number("Seconds since the begin."),
                        "length_s": _number("Seconds."),
                        "asked": _whole("Requests that were due."),
                        "sent": _whole("Requests that were sent."),
                        "ok": _whole("Answers as expected."),
                        "failed": _whole("Failures."),
                        "by_code": _BY_CODE,
                        "causes": _CAUSES,
                        "latency_ms": _LATENCY,
                        "late_p99_ms": _number("Of the generator itself."),
                        "side": _text('a or b where two revisions took turns, else "".'),
                    },
                ),
            ),
            "generator": _object(
                "Who made the load, and how well.",
                {
                    "engine": _text("golive, locust, k6, oha or wrk."),
                    "version": _text("Its version."),
                    "processes": _whole("How many."),
                    "loop": _text("uvloop or asyncio; empty where it says nothing."),
                    "cpu_share": _or_null("Of a core, by its busiest process."),
                    "held": _whole("Requests that waited for a connection."),
                    "reconnected": _whole("Sent again, because a kept connection had died."),
                    "open_loop": {"type": "boolean", "description": "It does not wait for answers."},
                    "note": _text("What it could not measure."),
                    "late_ms": _object(
                        "Its own lateness.",
                        {"p50": _number("ms"), "p99": _number("ms"), "max": _number("ms")},
                    ),
                    "bottleneck": _text('Why the load says nothing of the service; "" when it does.'),
                },
            ),
            "resources": _object(
                "What the service used, all its instances together.",
                {
                    "from": _text('How it was read; "" when it was not.'),
                    "series": _list(
                        "Over time.",
                        _object(
                            "One look.",
                            {
                                "at_s": _number("Seconds since the begin."),
                                "cpu_cores": _or_null("Cores."),
                                "memory_bytes": _or_null("Resident bytes.", "integer"),
                                "files": _or_null("Open file descriptors.", "integer"),
                                "threads": _or_null("Threads.", "integer"),
                                "gc_s": _or_null("Seconds of garbage collection per second."),
                                "gc_runs": _or_null("Collections per second."),
                            },
                        ),
                    ),
                },
            ),
            "machine": {
                "type": "object",
                "description": "What the load was made on; runs compare only with the same.",
                "required": ["fingerprint"],
                "additionalProperties": {"type": ["string", "integer"]},
            },
            "thresholds": _object(
                "The objectives of golive.yaml.",
                {
                    "error_rate_ppm": _or_null("Parts per million.", "integer"),
                    "min_requests": _whole("Fewer decide nothing."),
                    "latency": _list(
                        "Bounds.",
                        _object("One.", {"quantile_ppm": _whole("990000 is p99."), "max_ms": _whole("ms")}),
                    ),
                },
            ),
            "objectives": _list(
                "Each objective with its numbers.",
                _object(
                    "One.",
                    {
                        "name": _text("errors, p99 …"),
                        "limit": _number("At most."),
                        "measured": _number("Measured."),
                        "unit": {"enum": ["%", "ms"]},
                        "holds": _or_null("null: not known.", "boolean"),
                    },
                ),
            ),
            "failures": _list(
                "The first hundred requests that failed.",
                _object(
                    "One.",
                    {
                        "at": _text("RFC 3339, UTC."),
                        "cause": _text("As in causes."),
                        "detail": _text("Method, path."),
                    },
                ),
            ),
            "comparison": {"oneOf": [{"type": "null"}, _COMPARISON]},
            "knee": {"oneOf": [{"type": "null"}, _KNEE]},
            "verdict": _object(
                "What it says of the objectives.",
                {"answer": {"enum": ["pass", "fail", "inconclusive"]}, "because": _text("For a person.")},
            ),
        },
    ),
}
