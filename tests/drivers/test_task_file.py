"""Task files on disk: whole or not at all, in their mode, and never over what somebody else wrote."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import task_script
from golive.drivers.taskfiles import TaskFile, measured, usual
from golive.errors import Exit, Failure


@pytest.fixture
def file(tmp_path: Path) -> TaskFile:
    (tmp_path / "tasks.json").write_bytes(task_script.OLD)
    return TaskFile(tmp_path, "tasks.json")


def content(folder: Path) -> bytes:
    return (folder / "tasks.json").read_bytes()


def test_killed_at_any_call_it_is_the_old_file_or_the_new_one(tmp_path, file):
    found, number = [], 0
    while True:
        number += 1
        (tmp_path / "tasks.json").write_bytes(task_script.OLD)
        command = [sys.executable, task_script.__file__, str(tmp_path), str(number)]
        code = subprocess.run(command, check=False, timeout=60).returncode
        assert content(tmp_path) in (task_script.OLD, task_script.NEW)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        found.append(content(tmp_path) == task_script.NEW)
    assert number > 5
    assert found == sorted(found), "old before the rename, new after it"
    assert True in found
    assert False in found
    assert [path.name for path in tmp_path.iterdir()] == ["tasks.json"], "the last one cleared up"


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o664])
def test_the_mode_stays(tmp_path, file, mode):
    (tmp_path / "tasks.json").chmod(mode)
    file.replace(task_script.OLD, b"[]")
    assert stat.S_IMODE((tmp_path / "tasks.json").stat().st_mode) == mode
    assert content(tmp_path) == b"[]"


def test_what_somebody_else_wrote_meanwhile_stays(tmp_path, file):
    (tmp_path / "tasks.json").write_bytes(b"theirs")
    with pytest.raises(Failure, match="somebody changed it meanwhile") as refused:
        file.replace(task_script.OLD, b"ours")
    assert refused.value.code is Exit.REFUSED
    assert content(tmp_path) == b"theirs"
    assert os.listdir(tmp_path) == ["tasks.json"]


def test_a_link_stays_a_link(tmp_path, file):
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "tasks.json").symlink_to("../tasks.json")
    TaskFile(tmp_path, "plans/tasks.json").replace(task_script.OLD, b"[]")
    assert (tmp_path / "plans" / "tasks.json").is_symlink()
    assert content(tmp_path) == b"[]"


def test_a_second_writer_waits_its_turn_and_is_refused_in_the_end(tmp_path, file, monkeypatch):
    monkeypatch.setattr("golive.drivers.taskfiles.PATIENCE", 0.0)
    other = TaskFile(tmp_path, "tasks.json")
    with file.alone(), pytest.raises(Failure, match="another golive holds it"), other.alone():
        pass
    with other.alone():
        assert other.read() == task_script.OLD


def test_a_folder_or_nothing_cannot_be_read(tmp_path):
    with pytest.raises(Failure, match="it cannot be read"):
        TaskFile(tmp_path, ".").read()
    with pytest.raises(Failure) as missing:
        TaskFile(tmp_path, "tasks.json").read()
    assert missing.value.next == "golive task init writes one"
    assert missing.value.code is Exit.USAGE


def test_usual_places_are_looked_at_in_order(tmp_path, file):
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "tasks-enriched.json").write_text("[]")
    assert usual(tmp_path) == ("plans/tasks-enriched.json", "tasks.json")


def test_evidence_that_is_not_there_is_refused(tmp_path, file):
    assert measured(tmp_path, "tasks.json")[0] == "tasks.json"
    with pytest.raises(Failure, match="this evidence is not there"):
        measured(tmp_path, "perf.json")
