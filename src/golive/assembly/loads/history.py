"""Earlier runs of a scenario, as the evidence holds them, and what a new one says beside them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from golive.assembly.place import folders
from golive.assembly.views import records

if TYPE_CHECKING:
    from golive.evidence.record import Record

MOST_RUNS = 50
MOST_ACCEPTED = 10
CHANGING = ("p50", "p99")


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A recorded run. `accepted`: it passed, so later ones are held against it."""

    body: Mapping[str, Any]
    accepted: bool


def past_runs(file: str, environment: str, scenario_digest: str = "", scenario: str = "") -> list[PastRun]:
    """The newest runs of an environment, the newest last: of one scenario where that is named."""
    from golive.drivers.artifacts import ArtifactStore
    from golive.evidence.redaction import Redactor

    store = ArtifactStore(folders(file).evidence, Redactor({}))
    found = list(_recorded(file, environment, scenario_digest, scenario))[-MOST_RUNS:]
    return [
        PastRun(body=json.loads(store.read(record.draft.artifacts[0])), accepted=record.draft.result == "ok")
        for record in found
    ]


def compared(file: str, told: Mapping[str, Any]) -> dict[str, Any] | None:
    """The run beside the accepted ones before it; None when it is the first."""
    from golive.judge.performance.compare import against

    runs = past_runs(file, told["environment"], told["scenario"]["digest"])
    accepted = [one.body for one in runs if one.accepted]
    if not accepted or told["outcome"]["ended"] != "whole":
        return None
    alike = _alike(accepted, told)
    comparison = against((alike or accepted)[-MOST_ACCEPTED:], told).body()
    if comparison["answer"] == "not comparable" and not alike:
        comparison["because"] += "; golive perf compare lets two revisions take turns on this machine"
    comparison["changes"] = changes([*_alike([one.body for one in runs], told), told])
    return comparison


def level_changes(runs: Sequence[PastRun]) -> list[dict[str, Any]]:
    """Where the level changed over the runs of the newest one's scenario and machine."""
    bodies = [one.body for one in runs]
    if not bodies:
        return []
    same = [one for one in bodies if one["scenario"]["digest"] == bodies[-1]["scenario"]["digest"]]
    return changes(_alike(same, bodies[-1]))


def changes(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where the level of p50 or p99 changed over the runs, the oldest first."""
    from golive.judge.performance.changes import changes as places
    from golive.judge.performance.changes import level

    found: list[dict[str, Any]] = []
    for metric in CHANGING:
        known = [run for run in runs if run["totals"]["latency_ms"][metric]]
        values = [float(run["totals"]["latency_ms"][metric]) for run in known]
        ends = places(values)
        for before, begin, end in zip((0, *ends), ends, (*ends[1:], len(values)), strict=False):
            levels = level(values[before:begin]), level(values[begin:end])
            found.append({"run": known[begin]["run"], "metric": metric, "from": levels[0], "to": levels[1]})
    return found


def _alike(runs: Sequence[Mapping[str, Any]], told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those on a machine like this one."""
    from golive.judge.performance.compare import differs

    return [run for run in runs if not differs(run["machine"], told["machine"])]


def _recorded(file: str, environment: str, digest: str, scenario: str) -> "Iterator[Record]":
    for record in records(file, environment):
        body = record.draft.body
        if record.draft.type != "perf.measured" or not record.draft.artifacts or "scenario_digest" not in body:
            continue
        if digest in ("", body["scenario_digest"]) and scenario in ("", body["scenario"]):
            yield record
