"""`golive judge`: a recorded watch is computed again, and what is none is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from golive.cli import golive
from golive.errors import Exit, Failure

TICKS = [
    {
        "at": f"2026-01-05T12:{n // 6:02}:{n % 6}5+00:00",
        "revision": name,
        "requests": requests,
        "errors": errors,
        "latency": {"50": requests - slow, "100": slow},
    }
    for n in range(60)
    for name, requests, errors, slow in (("a", 900, 1, 90), ("b", 100, 8, 10))
]
WATCH: dict[str, Any] = {
    "schema": "golive.series/v1",
    "rollout": "r-1",
    "terms": {"new": "b", "old": "a", "judging": {"uncalibrated": "trust"}},
    "events": [{"at": "2026-01-05T12:00:00+00:00", "weight": 10, "soak": "PT1H"}],
    "bounds_ms": [50, 100, 200],
    "ticks": TICKS,
}


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(golive, ["judge", *arguments], standalone_mode=False)
    if isinstance(found.exception, Failure):
        return int(found.exception.code), str(found.exception)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return (found.return_value if isinstance(found.return_value, int) else found.exit_code), found.output


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    path = tmp_path / "watch.json"
    path.write_text(json.dumps(WATCH))
    return path


def test_a_watch_is_judged_again_beside_other_rules(watch: Path) -> None:
    code, out = run("replay", str(watch), "--json")
    told = json.loads(out)
    assert (code, told["answer"], told["same_as_kept"], told["schema_version"]) == (0, "fail", None, 1)
    assert "8 of 100" in told["because"] or "errors" in told["because"]
    assert any(other["rule"].startswith("Kayenta") for other in told["others"])
    code, text = run("replay", str(watch))
    assert "Flagger" in text


def test_evidence_that_was_kept_is_compared_to_the_digit(watch: Path) -> None:
    _, out = run("replay", str(watch), "--json")
    found = [[m["metric"], m["harm"], m["proof"]] for m in json.loads(out)["metrics"]]
    watch.write_text(json.dumps({**WATCH, "evidence": found}))
    assert run("replay", str(watch))[0] == Exit.DONE
    found[0][1] += 1e-12
    watch.write_text(json.dumps({**WATCH, "evidence": found}))
    code, out = run("replay", str(watch))
    assert (code, "ANOTHER" in out) == (Exit.FAILED, True)


@pytest.mark.parametrize("garbage", ["", "{", "[]", '{"schema": "x"}', "[" * 100_000])
def test_what_is_no_watch_is_refused(tmp_path: Path, garbage: str) -> None:
    path = tmp_path / "watch.json"
    path.write_text(garbage)
    assert run("replay", str(path))[0] == Exit.USAGE
    assert run("replay", str(tmp_path / "nothing"))[0] == Exit.USAGE


def test_where_nothing_was_judged_there_is_nothing_to_explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "golive.yaml").write_text(
        "service: shop\nowner: team\nrevision: {run: [app]}\nenvironments: {staging: {target: {kind: local}}}\n"
    )
    code, out = run("explain")
    assert (code, "no rollout with a verdict" in out) == (Exit.USAGE, True)
    assert not list(tmp_path.glob("*.svg"))
