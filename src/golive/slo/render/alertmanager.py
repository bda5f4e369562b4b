"""Where alerts go, as Alertmanager reads it. https://prometheus.io/docs/alerting/latest/configuration/"""

from typing import Any

from golive.slo.rulebook import RuleBook

NOBODY = "nobody"  # Alertmanager needs a receiver for what no route takes
GROUP_WAIT, GROUP_INTERVAL, REPEAT = "10s", "1m", "4h"


def routes(book: RuleBook) -> dict[str, Any]:
    """A route for each severity that has a receiver; a drill takes the way of the alert that it rehearses."""
    names = book.observe.vocabulary
    return {
        "route": {
            "receiver": NOBODY,
            "group_by": ["alertname", names.service, names.environment],
            "group_wait": GROUP_WAIT,
            "group_interval": GROUP_INTERVAL,
            "repeat_interval": REPEAT,
            "routes": [
                {
                    "receiver": receiver_name(book, severity),
                    "matchers": [f'application="{book.service}"', f'severity="{severity}"'],
                }
                for severity in book.observe.receivers
            ],
        },
        "inhibit_rules": [
            {
                "source_matchers": [f'application="{book.service}"', 'severity="page"'],
                "target_matchers": [f'application="{book.service}"', 'severity="ticket"'],
                "equal": ["slo", names.service, names.environment],
            }
        ],
        "receivers": [
            {"name": NOBODY},
            *(
                {
                    "name": receiver_name(book, severity),
                    "webhook_configs": [{"url": receiver.webhook, "send_resolved": True}],
                }
                for severity, receiver in book.observe.receivers.items()
            ),
        ],
    }


def receiver_name(book: RuleBook, severity: str) -> str:
    return f"{book.service}-{severity}"
