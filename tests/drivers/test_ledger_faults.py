"""The ledger under kill -9, a full disk and a failing one, at every system call that writes.

strace breaks the n-th call of each kind, for every n that the program makes. What must hold each time: every
acknowledged record is there afterwards with the file that it vouches for, at most one that was not acknowledged,
the chain is whole, database and file agree, and the next controller can go on.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc8785

import golive
from golive.drivers.artifacts import ArtifactStore
from golive.drivers.ledgers.inspection import inspected
from golive.drivers.ledgers.projection import FILE, read_projection
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.evidence.ledger import Holder
from golive.evidence.redaction import Redactor
from golive.evidence.verification import verify
from ledger_script import append

SCRIPT = Path(__file__).with_name("ledger_script.py")
TRACED = ("strace", "-f", "-qq")
CALLS = (
    *("write", "pwrite64", "fdatasync", "fsync", "ftruncate"),
    *("?unlink", "?mkdir", "?rename", "unlinkat", "mkdirat", "renameat"),  # ?: some machines have only the *at
)
HOLDER = Holder(actor="bob", where="there", since=datetime(2026, 1, 2, tzinfo=UTC))
COUNT = 1  # records that the script appends


@functools.cache
def strace_fault() -> str:
    """Why strace cannot be used here; "" when it can."""
    if not shutil.which("strace"):
        return "strace is not installed (apt-get install strace)"
    probe = subprocess.run([*TRACED, "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return "" if probe.returncode == 0 else f"strace may not trace here: {probe.stderr.strip()[:100]}"


pytestmark = [
    pytest.mark.skipif(bool(strace_fault()), reason=strace_fault()),
    pytest.mark.timeout(600),  # some hundred short runs
]


def fresh(folder: Path) -> list[str]:
    """Nothing is there yet."""
    return []


def torn(folder: Path) -> list[str]:
    """The file lost a line and a half that the database has."""
    written(folder)
    path = folder / "evidence" / FILE
    os.truncate(path, path.stat().st_size - 600)
    return ["id-0", "id-1", "id-2"]


def lost(folder: Path) -> list[str]:
    """The state folder was deleted, and the file ends in half a line."""
    written(folder)
    shutil.rmtree(folder / ".golive")
    path = folder / "evidence" / FILE
    os.truncate(path, path.stat().st_size - 10)
    return ["id-0", "id-1"]


def written(folder: Path) -> None:
    ledger = SqliteLedger(folder / ".golive", folder / "evidence")
    for number in range(3):
        append(ledger, number, None)
    ledger.close()


Scene = Callable[[Path], list[str]]  # arranges a folder and says which records must survive
Run = subprocess.CompletedProcess[str]


def run(folder: Path, *strace: str) -> Run:
    """The script; with a cache of bytecode that only the first run fills, and without the site's start-up."""
    env = {
        "PYTHONPATH": os.pathsep.join(str(Path(module.__file__ or "").parents[1]) for module in (golive, rfc8785)),
        "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode"),
    }
    command = [*strace, sys.executable, "-S", str(SCRIPT), str(folder), str(COUNT)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def points(scene: Scene, tmp_path: Path) -> Counter[str]:
    """How often the script makes each call when nothing goes wrong."""
    for name in ("warm", "counted"):
        folder = tmp_path / name
        folder.mkdir()
        scene(folder)
        trace = tmp_path / "trace"
        assert run(folder, *TRACED, "-o", str(trace), "-e", f"trace={','.join(CALLS)}").returncode == 0
    return Counter(re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.MULTILINE))


def sweep(scene: Scene, tmp_path: Path, calls: tuple[str, ...], fault: str) -> Iterator[Run]:
    """One run for each call of `calls`, with `fault` at that call; afterwards nothing may be lost."""
    counted = points(scene, tmp_path)
    for call in calls:
        for number in range(1, counted[call.strip("?")] + 1):
            folder = tmp_path / f"{call.strip('?')}-{number}"
            folder.mkdir()
            kept = scene(folder)
            inject = f"inject={call}:{fault.format(number)}"
            done = run(folder, *TRACED, "-o", os.devnull, "-e", f"trace={call}", "-e", inject)
            assert_nothing_lost(folder, kept, done)
            yield done
            shutil.rmtree(folder)


def assert_nothing_lost(folder: Path, kept: list[str], done: Run) -> None:
    evidence, state = folder / "evidence", folder / ".golive"
    acknowledged = re.findall(r"^acknowledged (\S+)", done.stdout, re.MULTILINE)
    assert set(acknowledged) <= set(notes(evidence)), "a reader sees every acknowledged record at once"
    ledger = SqliteLedger(state, evidence)
    append(ledger, 1000, ledger.take("production", HOLDER))
    ledger.close()
    *recovered, newest = notes(evidence)
    assert newest == "id-1000", "the next controller can go on"
    assert recovered[: len(kept) + len(acknowledged)] == kept + acknowledged
    assert len(recovered) <= len(kept) + len(acknowledged) + 1
    with inspected(evidence, state) as log:
        assert verify(log, ArtifactStore(evidence, Redactor({}))).pending == 0


def notes(evidence: Path) -> list[str]:
    return [record.draft.id for record in read_projection(evidence) if record.draft.type == "note"]


def test_a_record_is_on_the_disk_in_both_places_before_it_is_acknowledged(tmp_path: Path) -> None:
    folder, trace = tmp_path / "service", tmp_path / "trace"
    folder.mkdir()
    run(folder, *TRACED, "-y", "-o", str(trace), "-e", "trace=pwrite64,write,fdatasync,writev")
    found = re.findall(r"^\d+ +(\w+)\(\d+<([^>]*)>", trace.read_text(), re.MULTILINE)
    calls = [(name, Path(path).name) for name, path in found if not path.endswith("ledger.lock")]
    before = calls[: next(n for n, (name, _) in enumerate(calls) if name == "writev")]
    wal, file = "ledger.sqlite3-wal", "records.jsonl"
    assert before[-4:] == [("pwrite64", wal), ("fdatasync", wal), ("write", file), ("fdatasync", file)]


@pytest.mark.parametrize(("scene", "least"), [(fresh, 80), (torn, 40), (lost, 70)])
def test_nothing_acknowledged_is_lost_by_kill_9_at_any_write(scene: Scene, least: int, tmp_path: Path) -> None:
    runs = list(sweep(scene, tmp_path, CALLS, "signal=KILL:when={}"))
    assert len(runs) >= least, "a sweep over too few points proves nothing"
    assert all(done.returncode != 0 for done in runs), "each of them was killed"


@pytest.mark.parametrize(
    ("calls", "fault", "least"),
    [
        (("write", "pwrite64", "ftruncate"), "error=ENOSPC:when={}+", 50),
        (("fdatasync", "fsync"), "error=EIO:when={}", 15),
        (("write", "pwrite64"), "error=EIO:when={}", 40),
    ],
)
def test_a_disk_that_is_full_or_failing_is_told_and_never_acknowledged(
    calls: tuple[str, ...], fault: str, least: int, tmp_path: Path
) -> None:
    runs = list(sweep(fresh, tmp_path, calls, fault))
    assert len(runs) >= least, "a sweep over too few points proves nothing"
    assert not [done.stderr for done in runs if done.returncode != 0 or "Traceback" in done.stderr]
    refused = [done.stdout for done in runs if "refused" in done.stdout]
    assert len(refused) > least // 2
    of_the_ledger = [said.partition("the ledger cannot be written")[2] for said in refused]
    assert not [said for said in of_the_ledger if "\nacknowledged" in said], "after a fault it writes no more"
