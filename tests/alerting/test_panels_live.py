"""Every query of a dashboard is seen with data and seen to move; whatever is wrong with one is reported."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import alertstack
from golive.assembly.observe import dashboards, rules
from golive.assembly.observe.alerting import engine_of
from golive.assembly.place import folders, specification
from golive.slo.plants import both_sides
from golive.slo.rehearsal import series_of
from golive.slo.rulebook import rulebook

pytestmark = [
    pytest.mark.observe,
    pytest.mark.skipif(not alertstack.HERE, reason=alertstack.MISSING),
]


def often(rules: dict[str, Any]) -> None:
    for group in rules["groups"]:
        group.pop("interval", None)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[alertstack.Stack]:
    made = alertstack.Stack(folder=tmp_path_factory.mktemp("stack"), rules=often)
    try:
        made.start()
        asyncio.run(served(made))
        yield made
    finally:
        made.end()


async def served(stack: alertstack.Stack) -> None:
    """An hour of a healthy real service."""
    spec, _ = specification(stack.file)
    book, now = rulebook(spec), datetime.now(UTC)
    plants = {alert.name: both_sides(alert, book.observe, book.by_name)[1] for alert in book.alerts}
    where = {"service": "shop", "environment": "production"}
    names = ("AvailabilityBurn1h", "LatencyBurn1h", "TargetsDown", "CpuShort", "MemoryShort", "DiskShort")
    series = [one for name in names for one in series_of(plants[name], where, now)]
    await engine_of(spec, "production", folders(stack.file)).write(series)


def shown(stack: alertstack.Stack, dashboard: str = "", seconds: int = 10) -> dashboards.PanelsShown:
    patience = timedelta(seconds=seconds)
    return asyncio.run(dashboards.prove_panels(stack.file, "production", dashboard, patience, lambda line: None))


def test_every_panel_has_data_and_moves(stack: alertstack.Stack) -> None:
    found = shown(stack)
    assert [(one.panel, one.ref, one.hole) for one in found.panels if one.hole] == []
    assert (found.answer, found.control) == ("proven", "red")
    assert len(found.panels) > 20
    assert next((stack.folder / "evidence").rglob(f"panels/production-{found.marker}.json"))


def text(old: str, new: str) -> Callable[[str], str]:
    def changed(expression: str) -> str:
        assert old in expression, expression
        return expression.replace(old, new)

    return changed


DOES_NOT_MOVE = "does not move"
MUTANTS: list[tuple[str, Callable[[str], str], str]] = [
    ("Traffic", text("upstream_rq_xx", "upstream_rq_all"), DOES_NOT_MOVE),
    ("Traffic", lambda e: f"{text('upstream_rq_xx', 'upstream_rq_all')(e)} or vector(0)", DOES_NOT_MOVE),
    ("Traffic", text('service="$service"', 'service="shop"'), DOES_NOT_MOVE),
    ("Traffic", text('environment="$environment"', 'environment="staging"'), DOES_NOT_MOVE),
    ("Traffic", text("[5m]", "[1s]"), DOES_NOT_MOVE),
    ("Traffic", lambda e: "vector(7)", DOES_NOT_MOVE),
    ("Errors", lambda e: f"absent({e})", DOES_NOT_MOVE),
    ("Errors", text('class="5"', 'class="6"'), DOES_NOT_MOVE),
    ("Errors", lambda e: f"({e}) > 2", DOES_NOT_MOVE),
    ("Errors", text("rate(", "rat("), "cannot be evaluated"),
    ("Errors", lambda e: f"{e})", "cannot be evaluated"),
    ("Latency", text("by (le, ", "by ("), DOES_NOT_MOVE),
    ("Latency", text("_bucket", "_sum"), DOES_NOT_MOVE),
    ("Scrapes", text("up{", "upp{"), DOES_NOT_MOVE),
    ("Scrapes", lambda e: f"count({e}) or vector(1)", DOES_NOT_MOVE),
    ("Used: cpu", text("system_cpu", "system_gpu"), DOES_NOT_MOVE),
    ("Used: cpu", lambda e: f"clamp_max({e}, 0)", DOES_NOT_MOVE),
    ("availability: budget left", text("budget_left", "budget_rest"), DOES_NOT_MOVE),
    ("availability: burn rate", text('slo="availability"', 'slo="available"'), DOES_NOT_MOVE),
    ("Errors by revision", lambda e: f"({e}) * 0 / 0", DOES_NOT_MOVE),
]


def test_every_planted_hole_is_reported(stack: alertstack.Stack, tmp_path: Path) -> None:
    right = json.loads(rules.rendered(stack.file)["dashboard.json"])
    panels = {panel["title"]: panel for panel in right["panels"]}
    wrong = []
    for number, (title, change, _) in enumerate(MUTANTS):
        target = dict(panels[title]["targets"][0])
        target["expr"] = change(target["expr"])
        wrong.append({**panels[title], "title": f"{number} {title}", "targets": [target]})
    (tmp_path / "wrong.json").write_text(json.dumps({**right, "panels": wrong}))
    found = shown(stack, str(tmp_path / "wrong.json"), seconds=6)
    told = {one.panel: one.hole for one in found.panels}
    assert len(told) == 20
    expected = {f"{number} {title}": why for number, (title, _, why) in enumerate(MUTANTS)}
    missed = {name: told[name] for name, why in expected.items() if why not in told[name]}
    assert missed == {}
    assert found.answer == "refuted"
