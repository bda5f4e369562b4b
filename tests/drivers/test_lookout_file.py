"""The memory of a lookout: whole or not at all, and one lookout at a time, however the other ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from golive.drivers.alerting.lookoutfile import LookoutFile
from golive.errors import Exit, Failure
from golive.slo.firing import Firing, Watched

WATCHED = Watched(
    at_ms=5,
    interval_ms=15_000,
    rules={"A": "up == 0"},
    places={"front-door": "", "web-0": "no answer"},
    firing=(Firing(alert="A", labels=(("environment", "live"), ("service", "é")), since_ms=1, tried=True),),
    undelivered={"page": 2},
    deaf={"page": "refused"},
    unheard=("ticket",),
)
HOLD = """
import sys, time
from pathlib import Path
from golive.drivers.alerting.lookoutfile import LookoutFile
with LookoutFile(Path(sys.argv[1])).held():
    print("held", flush=True)
    time.sleep(60)
"""


def test_what_is_kept_is_read_back_the_same(tmp_path: Path) -> None:
    memory = LookoutFile(tmp_path / "lookout.json")
    assert memory.load() == Watched()
    memory.save(WATCHED)
    assert memory.load() == WATCHED
    assert [path.name for path in tmp_path.iterdir()] == ["lookout.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"firing": [{}]}', '{"firing": [], "x": 1}', "null"])
def test_a_file_that_is_damaged_costs_the_memory_and_not_the_watch(tmp_path: Path, content: str) -> None:
    memory = LookoutFile(tmp_path / "lookout.json")
    memory.path.write_text(content)
    assert memory.load().firing == ()
    assert "cannot be read" in memory.load().trouble
    memory.save(WATCHED)
    assert memory.load() == WATCHED


def test_a_file_that_cannot_be_written_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure) as failed:
        LookoutFile(tmp_path / "file" / "lookout.json").save(WATCHED)
    assert "lookout.json" in failed.value.where


def test_two_do_not_watch_at_once_and_one_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    memory = LookoutFile(tmp_path / "lookout.json")
    with subprocess.Popen([sys.executable, "-c", HOLD, memory.path], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Failure) as refused, memory.held():
            pass
        assert refused.value.code == Exit.REFUSED
        other.kill()
    with memory.held():
        pass
