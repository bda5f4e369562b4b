"""`golive observe`."""

import click

from golive.cli.chapter import Chapter

PARTS = {
    "render": "Write rules, their tests, routes, dashboard and more for other tools",
    "check": "Put each rule through what it must fire for, and what it must not",
    "watch": "Scrape, evaluate and call people where there is no Prometheus",
    "prove": "See every alert fire, reach its receiver, and end",
    "panels": "See every panel with data, and see it move when a fault is planted",
    "report": "How a service does, as a page that stands alone",
    "request": "Send a marked request, and find its log line and its span",
    "coverage": "What of all that is promised is really watched, and what is missing",
    "review": "Hold every threshold against what was: how often it would have called, how close it came",
    "metrics": "golive's own figures, as Prometheus and OpenTelemetry read them",
    "listen": "Receive alerts where no pager is at hand",
    "import": "Read SLOs from OpenSLO documents",
    "objectives": "What is promised, and how fast its budget may burn",
}


class Observing(Chapter):
    """A module `cli/observing/render.py` holds the click command `render`."""

    package = "golive.cli.observing"
    contents = PARTS


@click.group(cls=Observing)
def observe() -> None:
    """What is promised and watched in operation: SLOs, alerts, dashboards.

    Example: golive observe check
    """
