"""What a receiver is told of alerts: Alertmanager's webhook, version 4, so that every receiver of it reads it.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from golive.slo.alerts import Alert
from golive.slo.firing import Firing
from golive.slo.rulebook import RuleBook

LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")
NEVER = "0001-01-01T00:00:00Z"  # Go's zero time, the end of what goes on


def webhook(book: RuleBook, receiver: str, found: Sequence[tuple[Alert, Firing]]) -> dict[str, Any]:
    """One message about several alerts of one group."""
    alerts = [_alert(book, alert, firing) for alert, firing in found]
    firing = any(one["status"] == "firing" for one in alerts)
    common = _common(one["labels"] for one in alerts)
    return {
        "version": "4",
        "groupKey": "/".join(f"{name}={common.get(name, '')}" for name in _names(book)),
        "truncatedAlerts": 0,
        "status": "firing" if firing else "resolved",
        "receiver": receiver,
        "groupLabels": {name: common[name] for name in _names(book) if name in common},
        "commonLabels": common,
        "commonAnnotations": _common(one["annotations"] for one in alerts),
        "externalURL": "",
        "alerts": alerts,
    }


def _names(book: RuleBook) -> tuple[str, str]:
    return book.observe.vocabulary.service, book.observe.vocabulary.environment


def _common(all_of: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What all of them agree in."""
    found = [set(pairs.items()) for pairs in all_of]
    return dict(sorted(set.intersection(*found)))


def _alert(book: RuleBook, alert: Alert, firing: Firing) -> dict[str, Any]:
    labels = {"alertname": alert.name, **dict(firing.labels), **book.labels(alert)}
    annotations = {
        name: LABEL.sub(lambda found: labels.get(found[1], ""), text)
        for name, text in book.annotations(alert).items()
    }
    return {
        "status": "firing" if firing.ended_ms is None else "resolved",
        "labels": dict(sorted(labels.items())),
        "annotations": annotations,
        "startsAt": _time(firing.since_ms),
        "endsAt": NEVER if firing.ended_ms is None else _time(firing.ended_ms),
        "generatorURL": "",
        "fingerprint": f"{alert.name}/{'/'.join(dict(firing.labels).get(name, '') for name in _names(book))}",
    }


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
