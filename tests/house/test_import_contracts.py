"""The five import contracts hold, and each is seen to break when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BREAKS = {
    "Rooms stand on floors, and every room is declared": ("errors.py", "import golive.judge.verdict\n"),
    "The core is pure: no I/O, clock, randomness, logging or asyncio": ("judge/decision.py", "import random\n"),
    "Drivers do not know each other": ("drivers/clock.py", "import golive.drivers.commands\n"),
    "Only the assembly names drivers": ("controller/drive.py", "import golive.drivers.clock\n"),
    "No two siblings import each other in a circle": ("release/stages.py", "import golive.release.plan\n"),
}


def lint(folder: Path) -> str:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    run = subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return run.stdout + run.stderr


def copied(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_five_are_kept():
    report = lint(ROOT)
    assert "Contracts: 5 kept, 0 broken" in report, report


@pytest.mark.parametrize("contract", BREAKS)
def test_each_breaks_when_it_is_broken(contract, tmp_path):
    folder = copied(tmp_path)
    file, line = BREAKS[contract]
    path = folder / "src" / "golive" / file
    path.write_text(path.read_text() + line)
    report = lint(folder)
    assert f"{contract} BROKEN" in report, report


def test_an_undeclared_room_breaks_the_build(tmp_path):
    folder = copied(tmp_path)
    attic = folder / "src" / "golive" / "attic"
    attic.mkdir()
    (attic / "__init__.py").write_text("")
    assert "every room is declared BROKEN" in lint(folder)
