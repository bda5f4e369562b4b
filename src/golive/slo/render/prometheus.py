"""Rules as Prometheus reads them, and the tests of these rules as promtool runs them.

https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ and …/unit_testing_rules/
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from golive.slo.alerts import Alert
from golive.slo.evaluate import Recording
from golive.slo.plants import Plant, Planted, shapes
from golive.slo.promql import length, text
from golive.slo.rulebook import RuleBook
from golive.slo.series import NAME

BUDGET_INTERVAL = "5m"


def rules(book: RuleBook) -> dict[str, Any]:
    """The rule file: what is recorded before the alerts that read it."""
    return {
        "groups": [
            {
                "name": f"{book.service}-slo",
                "rules": [*map(_record, book.recordings), *(alert_rule(book, alert) for alert in book.alerts)],
            },
            {
                "name": f"{book.service}-budget",
                "interval": BUDGET_INTERVAL,
                "rules": [*map(_record, book.budgets)],
            },
        ]
    }


def _record(recording: Recording) -> dict[str, Any]:
    return {"record": recording.name, "expr": text(recording.of), "labels": dict(recording.labels)}


def alert_rule(book: RuleBook, alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": text(alert.of),
        "labels": book.labels(alert),
        "annotations": book.annotations(alert),
    }


def tests(book: RuleBook, environment: str, rule_file: str) -> dict[str, Any]:
    """What promtool must find true of the rule file: for each alert what fires it, and what must not.

    One document for each distance of samples: promtool evaluates all tests of a document as often, and one of
    three days would cost as much as its finest.
    """
    documents: dict[str, Any] = {}
    for alert in book.alerts:
        for plant in shapes(alert, book.observe, book.by_name):
            step = length(plant.step)
            document = documents.setdefault(
                step, {"rule_files": [rule_file], "evaluation_interval": step, "tests": []}
            )
            document["tests"].append(_test(book, environment, alert, plant))
    return documents


def _test(book: RuleBook, environment: str, alert: Alert, plant: Plant) -> dict[str, Any]:
    names = book.observe.vocabulary
    where = {names.service: book.service, names.environment: environment}
    expected = {
        "exp_labels": {**where, **book.labels(alert)},
        "exp_annotations": _filled(book.annotations(alert), where),
    }
    return {
        "name": f"{alert.name} {'fires' if plant.fires else 'is silent'}: {plant.because}",
        "interval": length(plant.step),
        "input_series": [
            {"series": series_text(planted, where), "values": notation(planted, plant)} for planted in plant.series
        ],
        "alert_rule_test": [
            {
                "eval_time": length(plant.span),
                "alertname": alert.name,
                "exp_alerts": [expected] if plant.fires else [],
            }
        ],
    }


def _filled(annotations: Mapping[str, str], where: Mapping[str, str]) -> dict[str, str]:
    filled = dict(annotations)
    for name, value in where.items():
        filled = {key: told.replace(f"{{{{ $labels.{name} }}}}", value) for key, told in filled.items()}
    return filled


def series_text(planted: Planted, where: Mapping[str, str]) -> str:
    """The series as promtool and people write it."""
    labels = {**dict(planted.labels), **where}
    metric = labels.pop(NAME)
    inside = ",".join(f"{name}={json.dumps(value)}" for name, value in sorted(labels.items()))
    return f"{metric}{{{inside}}}"


def notation(planted: Planted, plant: Plant) -> str:
    """The values as promtool writes them: `0+10x220` is 0 and 220 more, each 10 higher."""
    step_s = plant.step.total_seconds()
    values = [v + (n * step_s if planted.clock else 0) for n, v in enumerate(planted.values)]
    parts = [f"{first:.15g}{rise:+.15g}x{more}" for first, rise, more in _runs(values)]
    return " ".join([*parts, *([f"_x{planted.gone}"] if planted.gone else [])])


def _runs(values: list[float]) -> Iterator[tuple[float, float, int]]:
    """First value, rise, and how many follow: the longest lines that pass through the values."""
    place = 0
    while place < len(values):
        rise = values[place + 1] - values[place] if place + 1 < len(values) else 0.0
        end = place
        while end + 1 < len(values) and values[end + 1] - values[end] == rise:
            end += 1
        yield values[place], rise, end - place
        place = end + 1
