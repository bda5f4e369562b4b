"""perf.json as a short Markdown summary, for a change ticket or a merge request."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MARKS = {"pass": "✅", "fail": "❌", "inconclusive": "❔"}
ESCAPED = {**{ord(sign): f"\\{sign}" for sign in "\\`*_{}[]<>|#"}, **dict.fromkeys(range(32), " ")}


def markdown(body: Mapping[str, Any]) -> str:
    """Verdict, objectives, requests, and what stood out."""
    return "\n".join(_lines(body)) + "\n"


def _lines(body: Mapping[str, Any]) -> Iterator[str]:
    verdict, totals = body["verdict"], body["totals"]
    title = f"{body['scenario']['name']} on {body['environment']} of {body['service']}"
    yield f"## {MARKS.get(verdict['answer'], '')} {_safe(title)}: {_safe(verdict['answer'])}"
    yield ""
    yield _safe(verdict["because"])
    yield ""
    yield from _table(("objective", "limit", "measured", "holds"), [_objective(one) for one in body["objectives"]])
    yield (
        f"{totals['sent']} requests, {totals['throughput_per_s']:g}/s answered well of {totals['asked_per_s']:g}/s"
        f" asked, {totals['failed']} failed."
    )
    yield ""
    rows = [_request(name, one) for name, one in body["requests"].items()]
    yield from _table(("request", "ended", "failed", "p50 ms", "p95 ms", "p99 ms", "max ms"), rows)
    if totals["causes"]:
        yield from _table(
            ("cause", "failures"), [(cause, str(count)) for cause, count in totals["causes"].items()]
        )
    if body["knee"]:
        limited_by = _safe(body["knee"]["limited_by"])
        yield f"Capacity: **{body['knee']['rate_per_s']} requests/s**, limited by {limited_by}."
        yield ""
    if body["comparison"]:
        yield f"Compared: {_safe(body['comparison']['because'])}."
        yield ""
    machine = body["machine"]
    yield (
        f"Run {_safe(body['run'])} of {body['began']}, revision `{body['revision'][:12] or 'not known'}`, on "
        + (
            _safe(
                f"{machine.get('cpu', '?')}, {machine.get('cores', '?')} cores ({machine.get('fingerprint', '?')})"
            )
            + "."
        )
    )


def _objective(one: Mapping[str, Any]) -> tuple[str, ...]:
    holds = {True: "yes", False: "**no**", None: "not known"}[one["holds"]]
    return one["name"], f"{one['limit']:g} {one['unit']}", f"{one['measured']:g} {one['unit']}", holds


def _request(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    latency = one["latency_ms"]
    times = ("-" if latency[key] is None else f"{latency[key]:g}" for key in ("p50", "p95", "p99", "max"))
    return name, str(one["ended"]), str(one["failed"]), *times


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell if cell == "**no**" else _safe(cell) for cell in row) + " |"
    yield ""


def _safe(text: str) -> str:
    return str(text).translate(ESCAPED)
