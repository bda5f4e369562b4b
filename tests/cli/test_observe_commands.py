"""What a person types to see what is promised and watched, and what they read."""

import json
import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner

from golive.cli import golive
from golive.errors import Exit, Failure

SPEC = """service: shop
owner: team-shop
revision: {run: [a]}
environments: {staging: {target: {kind: local}}, production: {target: {kind: local}}}
objectives: {error_rate: 1 %, latency: [{quantile: p99, max: 300ms}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "golive.yaml").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*arguments: str) -> str:
    done = CliRunner().invoke(golive, ["observe", *arguments], catch_exceptions=False, standalone_mode=False)
    return done.output


def test_what_is_promised_is_told_with_its_budget(folder: Path) -> None:
    text = said("objectives")
    assert "availability: 99 % good within 30d" in text
    assert "budget: 1 %, 7h12m of everything failing" in text
    assert "page   above 14.4 % in 1h and 5m (14.4 times)" in text


def test_every_rule_is_put_through_what_it_must_do(folder: Path) -> None:
    told = json.loads(said("check", "--fast", "--json", "--env", "production"))
    assert told["holds"]
    assert {one["signal"] for one in told["alerts"]} == {"latency", "traffic", "errors", "saturation"}
    assert all(one["held"] and not one["broken"] for one in told["alerts"])


def test_junit_has_a_case_for_each_history_and_skips_promtool_where_it_was_not_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("check", "--fast", "--junit", "rules.xml")
    (suite,) = ElementTree.parse("rules.xml").getroot()
    assert (int(suite.get("tests", "")), suite.get("failures"), suite.get("skipped")) == (len(suite), "0", "1")
    assert len(suite) > 40
    monkeypatch.setattr("golive.slo.plants.BELOW", Fraction(6, 5))
    CliRunner().invoke(golive, ["observe", "check", "--fast", "--junit", "rules.xml"])
    (suite,) = ElementTree.parse("rules.xml").getroot()
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) > 0


def test_a_wrong_rule_ends_the_check_with_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("golive.slo.plants.BELOW", Fraction(6, 5))  # now the rules fire where they must be silent
    done = CliRunner().invoke(golive, ["observe", "check", "--fast"])
    assert done.exit_code == Exit.FAILED
    assert "rules are wrong" in done.output
    assert "not so: is silent: just below the threshold all the time" in done.output


def test_an_environment_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(Failure) as refused:
        said("check", "--fast", "--env", "prod")
    assert "there is no environment 'prod'" in refused.value.what


def test_files_are_written_once_and_told_as_the_same_after(folder: Path) -> None:
    first, second = (json.loads(said("render", "--json"))["files"] for _ in range(2))
    assert set(first.values()) == {"new"}
    assert set(second.values()) == {"same"}
    assert yaml.safe_load((folder / "observability/prometheus-rules.yml").read_text())["groups"]
    (folder / "golive.yaml").write_text(SPEC.replace("error_rate: 1 %", "error_rate: 2 %"))
    third = json.loads(said("render", "--json"))["files"]
    assert third["prometheus-rules.yml"] == "changed"
    assert third["blackbox.yml"] == "same"


def test_one_file_can_be_looked_at_without_writing_any(folder: Path) -> None:
    assert '"schemaVersion": 39' in said("render", "--stdout", "dashboard.json")
    assert not (folder / "observability").exists()


def test_what_is_rendered_as_openslo_is_imported_again(folder: Path) -> None:
    Path("slos.yml").write_text(said("render", "--stdout", "openslo.yml"))
    slos = json.loads(said("import", "slos.yml", "--json"))["slos"]
    assert [(one["name"], one["target"]) for one in slos] == [("availability", "99 %"), ("latency", "99 %")]
    (folder / "golive.yaml").write_text(SPEC + said("import", "slos.yml"))
    assert "availability: 99 % good within 30d" in said("objectives")
    with pytest.raises(Failure) as refused:
        said("import", "none.yml")
    assert refused.value.code == Exit.USAGE


def test_a_selector_that_cannot_be_read_is_told_with_its_slo(folder: Path) -> None:
    own = "observe: {slos: [{name: cart, kind: ratio, target: 99 %, good: 'a{b}', total: c_total}]}\n"
    (folder / "golive.yaml").write_text(SPEC + own)
    with pytest.raises(Failure) as refused:
        said("objectives")
    assert refused.value.where == "observe.slos (cart): good"
    assert refused.value.code == Exit.USAGE
    with pytest.raises(Failure, match=re.escape("a{b}")):
        CliRunner().invoke(golive, ["spec", "check"], catch_exceptions=False, standalone_mode=False)


@pytest.mark.parametrize("command", ["prove", "panels"])
def test_without_a_prometheus_and_without_a_watch_nothing_is_proven_and_nothing_written(
    folder: Path, command: str
) -> None:
    with pytest.raises(Failure) as refused:
        said(command, "--env", "production")
    assert refused.value.code == Exit.WAITING
    assert refused.value.next == "golive observe watch --env production --background"
    assert not (folder / ".golive" / "environments" / "production").exists()


def test_a_service_that_a_prometheus_watches_is_not_watched_twice(folder: Path) -> None:
    own = 'observe: {prometheus: {url: "http://127.0.0.1:9", alertmanager: "http://127.0.0.1:9"}}\n'
    (folder / "golive.yaml").write_text(SPEC + own)
    for options in ((), ("--background",)):
        with pytest.raises(Failure) as refused:
            said("watch", "--env", "production", *options)
        assert refused.value.code == Exit.REFUSED
        assert "a second time" in refused.value.why


def test_a_watch_that_does_not_run_is_ended_in_peace(folder: Path) -> None:
    assert "no lookout was running" in said("watch", "--env", "production", "--stop")


def test_a_prometheus_that_is_away_is_told_with_its_address(folder: Path) -> None:
    own = 'observe: {prometheus: {url: "http://127.0.0.1:9", alertmanager: "http://127.0.0.1:9"}}\n'
    (folder / "golive.yaml").write_text(SPEC + own)
    with pytest.raises(Failure) as refused:
        said("prove", "--env", "production")
    assert refused.value.where == "http://127.0.0.1:9"


def test_a_command_that_is_nearly_one_is_named(folder: Path) -> None:
    for arguments, meant in ((["observe", "chek"], "check"), (["statsu"], "status")):
        done = CliRunner().invoke(golive, arguments)
        assert done.exit_code == Exit.USAGE
        assert f"Did you mean {meant!r}?" in done.output
    assert "Did you mean" not in CliRunner().invoke(golive, ["observe", "zzzzzz"]).output
