"""`golive evidence`: the same values as text and as JSON, and exit codes that scripts can branch on."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from golive.cli import golive
from golive.drivers.artifacts import ArtifactStore
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.errors import Exit, Failure
from golive.evidence.record import Actor, Draft
from golive.evidence.redaction import Redactor

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
Run = Callable[..., Result]
BODIES = {
    "rollout.wanted": {"kind": "deploy", "new": {"digest": "a" * 64, "settings": ""}, "old": None},
    "step.began": {"key": "shift 5"},
    "step.ended": {"key": "shift 5", "because": "5 %\x1b[31m is healthy"},
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in a folder with four records, one of which vouches for a file."""
    kept = ArtifactStore(tmp_path / "evidence", Redactor({})).keep(
        "deployments/d1/steps.log", b"x\n", "text/plain"
    )
    ledger = SqliteLedger(tmp_path / ".golive", tmp_path / "evidence")
    for number, (kind, environment) in enumerate(
        [
            ("rollout.wanted", "production"),
            ("step.began", "production"),
            ("step.ended", "production"),
            ("note", "staging"),
        ]
    ):
        ended = kind == "step.ended"
        ledger.append(
            Draft(
                id=f"id-{number}",
                at=NOON + timedelta(minutes=number),
                mono_ns=number,
                boot="boot-1",
                type=kind,
                environment=environment,
                rollout="web-42",
                actor=Actor(id="ann"),
                cause=(2,) if ended else (),
                result="ok" if ended else "",
                body=BODIES.get(kind, {}),
                artifacts=(kept,) if ended else (),
            )
        )
    ledger.close()
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(golive, ["evidence", *words])


def refused(result: Result) -> Failure:
    assert isinstance(result.exception, Failure)
    return result.exception


def test_list_shows_the_newest_records_in_order(run: Run) -> None:
    lines = run("list", "-n", "2").output.splitlines()
    assert [line.split()[0] for line in lines] == ["3", "4"]
    assert "step.ended" in lines[0]
    assert "5 %" in lines[0]


def test_list_filters_by_environment_and_type(run: Run) -> None:
    assert [line.split()[0] for line in run("list", "--env", "production").output.splitlines()] == ["1", "2", "3"]
    assert [line.split()[0] for line in run("list", "--type", "step").output.splitlines()] == ["2", "3"]
    assert "no record" in run("list", "--env", "nowhere").output


def test_show_says_everything_of_one_record(run: Run) -> None:
    said = run("show", "3").output
    for part in (
        "step.ended ok",
        "ann (human)",
        "production",
        "web-42",
        "evidence/operations/deployments/d1/steps",
    ):
        assert part in said


def test_escapes_in_a_record_do_not_reach_the_terminal(run: Run) -> None:
    assert "\x1b" not in run("list").output + run("show", "3").output


def test_json_has_the_line_and_its_digest(run: Run) -> None:
    record = json.loads(run("show", "3", "--json").output)["record"]
    listed = json.loads(run("list", "--json").output)["records"]
    assert record in listed
    assert (record["seq"], record["cause"], record["result"]) == (3, [2], "ok")
    assert listed[3]["prev"] == record["digest"]


def test_a_record_that_is_not_there_is_refused(run: Run) -> None:
    assert refused(run("show", "5")).code == Exit.USAGE


def test_verify_says_what_holds_and_what_is_not_proven(run: Run) -> None:
    said = run("verify")
    assert said.exit_code == 0
    assert "4 records hold, with the 1 files that they vouch for" in said.output
    assert "database: the same records" in said.output
    assert "not proven: that nobody rewrote everything" in said.output


def test_the_head_that_verify_prints_can_be_pinned(run: Run) -> None:
    head = json.loads(run("verify", "--json").output)["head"]
    pinned = run("verify", "--pin", f"{head['seq']}:{head['digest'][:16]}")
    assert "the head that you kept is part of it" in pinned.output


def test_verify_works_on_a_copy_of_the_evidence_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "evidence").rename(tmp_path / "elsewhere" / "evidence")
    said = run("verify", str(tmp_path / "elsewhere" / "evidence"))
    assert "database: not there" in said.output
    assert "not proven: record 4 itself" in said.output


@pytest.mark.parametrize(
    ("file", "content", "what"),
    [
        ("operations/deployments/d1/steps.log", b"y\n", "this file was changed"),
        ("operations/deployments/d1/steps.log", None, "this file is missing"),
        ("operations/records.jsonl", b"", "there are no records here"),
        ("operations/records.jsonl", b"{}\n", "this is not a canonical record"),
    ],
)
def test_verify_ends_5_when_something_was_changed(
    run: Run, tmp_path: Path, file: str, content: bytes | None, what: str
) -> None:
    place = tmp_path / "evidence" / file
    place.unlink() if content is None else place.write_bytes(content)
    failure = refused(run("verify"))
    assert failure.code == Exit.TAMPERED
    assert what in failure.what


def test_verify_lists_files_that_no_record_names(run: Run, tmp_path: Path) -> None:
    (tmp_path / "evidence" / "operations" / "stray.txt").write_text("x")
    assert "unvouched: evidence/operations/stray.txt" in run("verify").output
    assert json.loads(run("verify", "--json").output)["unvouched"] == ["operations/stray.txt"]


def test_verify_changes_nothing(run: Run, tmp_path: Path) -> None:
    def everything() -> dict[Path, tuple[int, int]]:
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in tmp_path.rglob("*")}

    before = everything()
    run("verify")
    assert everything() == before
