"""Several processes on one ledger: writers in turn, readers beside them, and controllers that die."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from golive.drivers.ledgers.inspection import inspected
from golive.drivers.ledgers.locks import Lock
from golive.drivers.ledgers.projection import FILE, complete_lines, read_projection
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.errors import Exit, Failure
from golive.evidence.chain import verify_chain
from golive.evidence.ledger import Holder
from golive.evidence.record import Actor, Draft

NOW = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
BOB = Holder(actor="bob", where="there", since=NOW + timedelta(hours=1))
EACH = 200

APPENDER = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.evidence.record import Actor, Draft
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ledger = SqliteLedger(folder / ".golive", folder / "evidence")
sys.stdin.readline()
for number in range(count):
    ledger.append(Draft(id=f"{name}-{number}", at=datetime.now(UTC), mono_ns=number, boot=name, type="note",
        environment=name, rollout="", actor=Actor(id=name)))
"""

HOLDER = """
import sys, time
from pathlib import Path
from datetime import UTC, datetime
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.evidence.ledger import Holder
folder = Path(sys.argv[1])
ledger = SqliteLedger(folder / ".golive", folder / "evidence")
noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
ledger.take("production", Holder(actor="ann", where="pid 1 on build-7", since=noon))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def child(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, close_fds=False
    )  # as a careless caller would
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def opened(folder: Path) -> SqliteLedger:
    return SqliteLedger(folder / ".golive", folder / "evidence")


def draft(number: int) -> Draft:
    return Draft(
        id=f"id-{number}",
        at=NOW,
        mono_ns=number,
        boot="boot-1",
        type="note",
        environment="production",
        rollout="",
        actor=Actor(id="ann"),
    )


def test_two_processes_append_at_once_without_gap_loss_or_disorder(tmp_path: Path) -> None:
    """A reader beside them sees a log that only grows, and is whole each time."""
    with child(APPENDER, tmp_path, "a", EACH) as one, child(APPENDER, tmp_path, "b", EACH) as other:
        for process in (one, other):
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        seen = [0]
        while one.poll() is None or other.poll() is None:
            seen.append(verify_chain(complete_lines(tmp_path / "evidence" / FILE)).seq)
        assert (one.returncode, other.returncode) == (0, 0)
    assert seen == sorted(seen)
    assert len(set(seen)) > 3, "the reader looked while they wrote"
    for name in "ab":
        own = [record.draft.id for record in read_projection(tmp_path / "evidence", name)]
        assert own == [f"{name}-{number}" for number in range(EACH)]
    assert verify_chain(complete_lines(tmp_path / "evidence" / FILE)).seq == 2 * EACH
    assert opened(tmp_path).head().seq == 2 * EACH


def test_two_threads_may_use_one_ledger(tmp_path: Path) -> None:
    ledger = opened(tmp_path)

    def work(first: int) -> None:
        for number in range(first, first + 50):
            ledger.append(draft(number))
            ledger.read("production", after=number)

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()
    assert verify_chain(complete_lines(tmp_path / "evidence" / FILE)).seq == 100


def test_the_lease_of_a_killed_controller_is_free_at_once(tmp_path: Path) -> None:
    """No expiry to wait for: the kernel gives the lock back."""
    with child(HOLDER, tmp_path) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        ledger = opened(tmp_path)
        with pytest.raises(Failure) as refused:
            ledger.take("production", BOB)
        assert refused.value.code == Exit.REFUSED
        assert "production is being worked on by ann (pid 1 on build-7) since 12:00:00" in refused.value.what
        holder.kill()
        holder.wait()
        began = time.monotonic()
        lease = ledger.take("production", BOB)
        assert time.monotonic() - began < 5
        assert (lease.epoch, ledger.holder("production")) == (2, BOB)
        ledger.close()
    assert [r.draft.epoch for r in read_projection(tmp_path / "evidence")] == [1, 2]


def test_a_child_that_outlives_its_controller_does_not_keep_the_lease(tmp_path: Path) -> None:
    """A supervisor that a controller started must not inherit the lock."""
    ledger = opened(tmp_path)
    lease = ledger.take("production", BOB)
    with child("input()"):
        ledger.release(lease)
        assert opened(tmp_path).take("production", BOB).epoch == 2


def test_a_writer_that_hangs_is_named_to_whoever_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path).append(draft(1))
    hanging = Lock(tmp_path / ".golive" / "ledger.lock")
    hanging.acquire("pid 4711 on build-7")
    monkeypatch.setattr("golive.drivers.ledgers.writer.PATIENCE", 0.05)
    ledger = opened(tmp_path)
    with pytest.raises(Failure) as refused:
        ledger.append(draft(2))
    assert refused.value.code == Exit.REFUSED
    assert "pid 4711 on build-7" in refused.value.why
    assert len(ledger.read()) == 1, "reading needs no lock"
    hanging.drop()
    assert ledger.append(draft(2)).seq == 2, "waiting in vain is no fault of the disk"


def test_a_lease_that_could_not_be_recorded_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path).append(draft(1))
    hanging = Lock(tmp_path / ".golive" / "ledger.lock")
    hanging.acquire("pid 4711 on build-7")
    monkeypatch.setattr("golive.drivers.ledgers.writer.PATIENCE", 0.05)
    ledger = opened(tmp_path)
    with pytest.raises(Failure):
        ledger.take("production", BOB)
    assert ledger.holder("production") is None
    hanging.drop()
    assert opened(tmp_path).take("production", BOB).epoch == 1


def test_a_record_under_a_lease_carries_its_epoch(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    lease = ledger.take("production", BOB)
    assert ledger.append(draft(1), lease=lease).draft.epoch == lease.epoch == 1
    assert ledger.append(draft(2)).draft.epoch == 0


def test_what_another_process_committed_and_could_not_write_is_written_by_the_next(tmp_path: Path) -> None:
    """Killed between database and file; this process had the ledger open all the time."""
    ledger = opened(tmp_path)
    ledger.append(draft(1))
    other = opened(tmp_path)
    other.append(draft(2))
    file = tmp_path / "evidence" / FILE
    os.truncate(file, file.stat().st_size - 40)
    assert ledger.append(draft(3)).seq == 3
    assert verify_chain(complete_lines(file)).seq == 3


def test_a_record_that_was_committed_but_not_acknowledged_is_not_appended_again(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    record = ledger.append(draft(1))
    file = tmp_path / "evidence" / FILE
    os.truncate(file, 0)
    assert opened(tmp_path).append(draft(1)) == record
    assert verify_chain(complete_lines(file)).seq == 1


def test_a_file_that_came_from_an_older_copy_is_completed(tmp_path: Path) -> None:
    """`git checkout` puts another file in its place while the ledger is open."""
    ledger = opened(tmp_path)
    file = tmp_path / "evidence" / FILE
    ledger.append(draft(1))
    older = file.read_bytes()
    ledger.append(draft(2))
    file.unlink()
    file.write_bytes(older)
    ledger.append(draft(3))
    assert [record.draft.id for record in read_projection(tmp_path / "evidence")] == ["id-1", "id-2", "id-3"]


def test_clocks_that_go_back_do_not_break_the_log(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.append(draft(100))
    late = ledger.append(Draft(**{**vars(draft(5)), "at": NOW - timedelta(hours=1)}))
    assert (late.draft.at, late.draft.mono_ns) == (NOW, 100)
    assert verify_chain(complete_lines(tmp_path / "evidence" / FILE)).seq == 2


def appended_by_another(folder: Path, name: str) -> None:
    """A process that opens the ledger, appends, and closes it as it ends."""
    with child(APPENDER, folder, name, 3) as process:
        out, err = process.communicate("go\n", timeout=60)
    assert process.returncode == 0, out + err


def look_at_it(folder: Path) -> None:
    with inspected(folder / "evidence", folder / ".golive") as log:
        assert sum(1 for _ in log.lines) > 0


def open_and_close_it(folder: Path) -> None:
    """What nobody should do: it gives back the locks that SQLite has on the file in this process."""
    (folder / ".golive" / "ledger.sqlite3").open("rb").close()


@pytest.mark.parametrize("does", [look_at_it, open_and_close_it])
def test_nothing_is_lost_when_a_process_looks_at_the_ledger_that_it_has_open(tmp_path: Path, does) -> None:
    ledger = opened(tmp_path)
    ledger.append(draft(0))
    for number in range(3):
        does(tmp_path)
        appended_by_another(tmp_path, f"other-{number}")
        ledger.append(draft(number + 1))
        assert len(ledger.read()) == 1 + 4 * (number + 1)
    ledger.close()
    appended_by_another(tmp_path, "last")
    with inspected(tmp_path / "evidence", tmp_path / ".golive") as log:
        assert log.ledger is not None
        assert len(list(log.ledger)) == len(list(log.lines)) == 1 + 4 * 3 + 3
