"""kill -9 at every system call that writes, from the moment a record is acknowledged to its signed head.

What must hold each time: the record is there, every head that was published is whole and is still there after the
next seal, no head is ahead of the records, and the next seal covers everything.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import cryptography
import pytest

import golive
from golive.assembly.views import verified
from golive.drivers.ledgers.checkpoints import FOLDER
from golive.drivers.ledgers.projection import read_projection

SCRIPT = Path(__file__).with_name("ledger_seal_script.py")
TRACED = ("strace", "-f", "-qq")
CALLS = (
    *("write", "pwrite64", "fdatasync", "fsync", "ftruncate"),
    *("?unlink", "?mkdir", "?rename", "?link", "unlinkat", "mkdirat", "renameat", "linkat"),  # ?: not everywhere
)


@functools.cache
def strace_fault() -> str:
    """Why strace cannot be used here; "" when it can."""
    if not shutil.which("strace"):
        return "strace is not installed (apt-get install strace)"
    probe = subprocess.run([*TRACED, "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return "" if probe.returncode == 0 else f"strace may not trace here: {probe.stderr.strip()[:100]}"


pytestmark = [
    pytest.mark.skipif(bool(strace_fault()), reason=strace_fault()),
    pytest.mark.timeout(600),  # some dozens of short runs
]


def run(folder: Path, name: str, *strace: str) -> "subprocess.CompletedProcess[str]":
    """The script; with a cache of bytecode that only the first run fills, and without the site's start-up."""
    roots = [str(Path(module.__file__ or "").parents[1]) for module in (golive, cryptography)]
    env = {"PYTHONPATH": os.pathsep.join(roots), "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")}
    command = [*strace, sys.executable, "-S", str(SCRIPT), str(folder), name]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def arranged(folder: Path, seals: int) -> Path:
    """A folder in which as many seals were put before."""
    folder.mkdir()
    for number in range(seals):
        assert run(folder, f"before-{number}").returncode == 0
    return folder


def points(tmp_path: Path, seals: int) -> list[tuple[str, int]]:
    """Each call that writes after the acknowledgement, with its number among all of its kind."""
    trace = tmp_path / "trace"
    run(arranged(tmp_path / "warm", seals), "it")
    run(
        arranged(tmp_path / "counted", seals),
        "it",
        *TRACED,
        "-o",
        str(trace),
        "-e",
        f"trace=writev,{','.join(CALLS)}",
    )
    seen: Counter[str] = Counter()
    found, is_acknowledged = [], False
    for call in re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.MULTILINE):
        seen[call] += 1
        if call == "writev":
            is_acknowledged = True
        elif is_acknowledged:
            found.append((call, seen[call]))
    return found


def heads(folder: Path) -> dict[str, bytes]:
    place = folder / "evidence" / FOLDER
    return {p.name: p.read_bytes() for p in place.iterdir() if p.name.isdecimal()} if place.is_dir() else {}


@pytest.mark.parametrize(("seals", "least"), [(0, 20), (1, 10)], ids=["the first seal", "a later seal"])
def test_no_acknowledged_record_and_no_published_head_is_lost_by_kill_9(
    seals: int, least: int, tmp_path: Path
) -> None:
    swept = points(tmp_path, seals)
    assert len(swept) >= least, "a sweep over too few points proves nothing"
    origin = arranged(tmp_path / "origin", seals)
    for call, number in swept:
        folder = tmp_path / f"{call}-{number}"
        shutil.copytree(origin, folder)
        inject = f"inject={call}:signal=KILL:when={number}"
        killed = run(folder, "it", *TRACED, "-o", os.devnull, "-e", f"trace={call}", "-e", inject)
        assert killed.returncode != 0, "it was killed"
        assert "acknowledged it" in killed.stdout
        verified(folder / "evidence", None)
        published = heads(folder)
        again = run(folder, "after")
        assert again.returncode == 0, f"{call} {number}: {again.stderr}"
        found, _ = verified(folder / "evidence", None)
        assert found.signed_size == found.records
        assert published.items() <= heads(folder).items()
        assert {"it", "after"} <= {record.draft.id for record in read_projection(folder / "evidence")}
        shutil.rmtree(folder)
