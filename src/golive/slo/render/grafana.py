"""The dashboard as Grafana imports it. https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/"""

from typing import Any

from golive.slo.panels import Panel, rows
from golive.slo.promql import text
from golive.slo.rulebook import RuleBook, uid

SCHEMA_VERSION = 39  # Grafana 10 and later read it
WIDTH, HEIGHT, COLUMNS = 8, 8, 24
SOURCE = {"type": "prometheus", "uid": "${source}"}


def dashboard(book: RuleBook) -> dict[str, Any]:
    """One dashboard with a variable for the environment; panels in the order of `panels.rows`."""
    names = book.observe.vocabulary
    return {
        "uid": uid(book.service),
        "title": f"{book.service} (golive)",
        "tags": ["golive", book.service],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {"name": "source", "type": "datasource", "query": "prometheus", "label": "Source"},
                _variable("service", f"label_values(up, {names.service})", book.service),
                _variable(
                    "environment", f'label_values(up{{{names.service}="$service"}}, {names.environment})', ""
                ),
            ]
        },
        "annotations": {"list": []},
        "panels": _panels(book),
    }


def _variable(name: str, query: str, current: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": SOURCE,
        "query": query,
        "refresh": 2,
        **({"current": {"text": current, "value": current}} if current else {}),
    }


def _panels(book: RuleBook) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    top = 0
    for row in rows(book, "$service", "$environment"):
        place = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
        made.append({"id": len(made) + 1, "type": "row", "title": row.title, "gridPos": place, "panels": []})
        top += 1
        for number, panel in enumerate(row.panels):
            across, down = number % (COLUMNS // WIDTH), number // (COLUMNS // WIDTH)
            place = {"x": across * WIDTH, "y": top + down * HEIGHT, "w": WIDTH, "h": HEIGHT}
            made.append({"id": len(made) + 1, "gridPos": place, **_panel(panel)})
        top += HEIGHT * -(-len(row.panels) // (COLUMNS // WIDTH))
    return made


def _panel(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": {"mode": "line" if panel.limit is not None else "off"}},
            },
            "overrides": [],
        },
        "targets": [
            {
                "refId": chr(ord("A") + n),
                "datasource": SOURCE,
                "expr": text(curve.of),
                "legendFormat": curve.legend,
            }
            for n, curve in enumerate(panel.curves)
        ],
    }
