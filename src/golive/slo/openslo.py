"""SLOs of OpenSLO v1 documents as golive.yaml says them. https://github.com/OpenSLO/OpenSLO/tree/main/docs

Taken: rolling windows, occurrences, ratios of plain selectors of counters. What would mean something else here is
left out, with the reason: calendar windows, time slices, thresholds of raw values, expressions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from golive.errors import Failure
from golive.slo.promql import Select
from golive.slo.promql import text as promql
from golive.slo.selector import select
from golive.spec.observed import Vocabulary

VERSION = "openslo/v1"
NAME = re.compile(r"[^a-z0-9-]+")
LENGTH = re.compile(r"(\d+)([mhdwM])")
HOURS = {"m": 1 / 60, "h": 1, "d": 24, "w": 168}


class _Other(Exception):
    """Why a document is left out."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What was read: entries for `observe.slos`, and names with why they were left out."""

    slos: tuple[dict[str, str], ...]
    left_out: tuple[tuple[str, str], ...]


def taken(documents: Sequence[Any], vocabulary: Vocabulary, service: str) -> Taken:
    """Every SLO of the documents; `service` is cut from the beginning of names."""
    found = [one for one in documents if isinstance(one, Mapping)]
    indicators = {_name(one): one for one in found if one.get("kind") == "SLI"}
    slos: list[dict[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for one in found:
        if one.get("kind") != "SLO":
            continue
        try:
            if one.get("apiVersion") != VERSION:
                raise _Other(f"its apiVersion is {one.get('apiVersion')!r}, not {VERSION}")
            slos += _entries(one, indicators, vocabulary, service)
        except _Other as other:
            left_out.append((_name(one), str(other)))
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            left_out.append((_name(one), f"a part is missing or of another kind: {error!r}"))
    return Taken(slos=tuple(slos), left_out=tuple(left_out))


def _name(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    return str(metadata.get("name", "?")) if isinstance(metadata, Mapping) else "?"


def _entries(
    document: Mapping[str, Any], indicators: Mapping[str, Any], vocabulary: Vocabulary, service: str
) -> Iterator[dict[str, str]]:
    spec = document["spec"]
    if spec.get("budgetingMethod", "Occurrences") != "Occurrences":
        raise _Other(f"it counts {spec['budgetingMethod']}, and golive counts events")
    window, *more = spec["timeWindow"]
    if more or not window.get("isRolling", False):
        raise _Other("its window is none that rolls")
    name = _named(_name(document), service)
    objectives = spec["objectives"]
    indicator = spec["indicator"] if "indicator" in spec else indicators[spec["indicatorRef"]]
    measured = dict(_measured(indicator["spec"], vocabulary))
    for number, objective in enumerate(objectives):
        target = 100 * float(objective["target"]) if "target" in objective else float(objective["targetPercent"])
        own = name if len(objectives) == 1 else f"{name}-{number + 1}"
        yield {"name": own, **measured, "target": f"{target:.10g} %", "window": _window(window["duration"])}


def _named(name: str, service: str) -> str:
    found = NAME.sub("-", name.lower()).strip("-")
    return found.removeprefix(f"{service}-") or found


def _window(written: str) -> str:
    parts = LENGTH.findall(written)
    if not parts or "".join(count + unit for count, unit in parts) != written or any(u == "M" for _, u in parts):
        raise _Other(f"its window is {written!r}; golive takes minutes, hours, days and weeks")
    hours = sum(int(count) * HOURS[unit] for count, unit in parts)
    if not 24 <= hours <= 2160 or hours != int(hours):
        raise _Other(f"its window is {written}; golive takes whole hours, a day to 90 days")
    return f"{int(hours)}h"


def _measured(indicator: Mapping[str, Any], vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    if "ratioMetric" not in indicator:
        raise _Other("it has no ratio of counters")
    ratio = indicator["ratioMetric"]
    if not ratio.get("counter", False):
        raise _Other("its metrics are no counters")
    total = _select(ratio["total"])
    if "bad" in ratio:
        return [("kind", "availability"), ("requests", promql(total)), ("errors", promql(_select(ratio["bad"])))]
    good = _select(ratio["good"])
    return _latency(good, total, vocabulary) or [
        ("kind", "ratio"),
        ("good", promql(good)),
        ("total", promql(total)),
    ]


def _latency(good: Select, total: Select, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """A bucket of a histogram over its count; empty when it is something else."""
    bounds = [matcher for matcher in good.matchers if matcher.label == "le"]
    rest = tuple(matcher for matcher in good.matchers if matcher.label != "le")
    base = good.metric.removesuffix("_bucket")
    if len(bounds) != 1 or bounds[0].op != "=" or total != Select(f"{base}_count", rest) or base == good.metric:
        return []
    ms = float(bounds[0].value) * (1000 if vocabulary.unit == "s" else 1)
    if ms != int(ms) or ms < 1:
        return []
    return [("kind", "latency"), ("max", f"{int(ms)}ms"), ("latency", promql(Select(base, rest)))]


def _select(metric: Mapping[str, Any]) -> Select:
    source = metric["metricSource"]
    if source.get("type", "Prometheus") != "Prometheus":
        raise _Other(f"its metrics are in {source['type']}, and golive asks Prometheus")
    try:
        return select(str(source["spec"]["query"]), where="query")
    except Failure:
        raise _Other(f"{source['spec']['query']!r} is no plain selector of a counter") from None
