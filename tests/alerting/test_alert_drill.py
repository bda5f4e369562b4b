"""Every alert of a service is seen to fire, to reach its receiver and to end, through real components."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import alertstack
from golive.assembly.observe import alerting

pytestmark = [
    pytest.mark.observe,
    pytest.mark.skipif(not alertstack.HERE, reason=alertstack.MISSING),
]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[alertstack.Stack]:
    made = alertstack.Stack(folder=tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.end()


def drilled(stack: alertstack.Stack, seconds: int = 20) -> alerting.Shown:
    return asyncio.run(
        alerting.prove_alerts(stack.file, "production", timedelta(seconds=seconds), lambda line: None)
    )


def test_every_alert_of_all_four_signals_arrives_and_ends(stack: alertstack.Stack) -> None:
    shown = drilled(stack)
    assert [(one.alert, one.broken, one.because) for one in shown.alerts if one.broken] == []
    assert shown.answer == "proven"
    assert {one.signal for one in shown.alerts} == {"latency", "traffic", "errors", "saturation"}
    for one in shown.alerts:
        assert None not in (one.fired_ms, one.routed_ms, one.arrived_ms, one.ended_ms), one
    kept = next((stack.folder / "evidence").rglob(f"alerts/production-{shown.marker}.json"))
    assert json.loads(kept.read_text())["answer"] == "proven"
    pages = [json.loads(line) for line in (stack.folder / ".golive/pages.jsonl").read_text().splitlines()]
    assert {page["labels"]["service"].startswith(f"shop-drill-{shown.marker}-") for page in pages} == {True}


def with_receiver(stack: alertstack.Stack, more: str, port: int) -> None:
    file = Path(stack.file)
    own = f'page: {{webhook: "http://127.0.0.1:{port}/page"{more}, timeout: 5s}}'
    lines = file.read_text().splitlines()
    file.write_text(
        "\n".join(f"  receivers: {{{own}}}" if "receivers:" in line else line for line in lines) + "\n"
    )


def test_a_command_that_finds_pages_is_enough_and_its_end_is_told_as_not_tried(stack: alertstack.Stack) -> None:
    script = stack.folder / "find.py"
    script.write_text(
        "import os, sys\nsys.exit(os.environ['GOLIVE_MARKER'] not in open('.golive/pages.jsonl').read())\n"
    )
    with_receiver(stack, ", acknowledged: [python3, find.py]", stack.ports["receiver"])
    shown = drilled(stack, 5)
    assert shown.answer == "proven", shown
    assert {one.because.partition("; ")[2] for one in shown.alerts} == {"that it ends was not tried"}


def test_a_receiver_that_is_away_is_named_and_recorded(stack: alertstack.Stack) -> None:
    with_receiver(stack, "", 9)
    shown = drilled(stack, 3)
    assert (shown.answer, {one.broken for one in shown.alerts}) == ("refuted", {"receiver"})
    assert "could not be asked: http://127.0.0.1:9" in shown.because
