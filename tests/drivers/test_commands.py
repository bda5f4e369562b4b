"""The operator's own commands: output and exit code, limits in time, nothing left behind."""

import asyncio
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from golive.drivers.commands import LocalCommands
from golive.errors import Failure


def run(folder, *command, env=None, stdin=b"", timeout_s=20.0):
    commands = LocalCommands(folder)
    return asyncio.run(commands.run(command, env=env or {}, stdin=stdin, timeout=timedelta(seconds=timeout_s)))


def python(folder, text, **rest):
    return run(folder, sys.executable, "-c", text, **rest)


def test_output_exit_code_folder_and_variables(tmp_path):
    ran = python(tmp_path, "import os; print(os.getcwd(), os.environ['A']); raise SystemExit(3)", env={"A": "b"})
    assert (ran.exit_code, ran.output.decode().split()) == (3, [str(tmp_path), "b"])


def test_what_is_given_on_stdin_is_read_and_need_not_be(tmp_path):
    assert python(tmp_path, "print(input())", stdin=b"ticket\n").output == b"ticket\n"
    assert python(tmp_path, "pass", stdin=b"x" * 1_000_000).exit_code == 0


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path):
    pid = tmp_path / "pid"
    text = (
        "import subprocess, pathlib; c = subprocess.Popen(['sleep', '60']);"
        f"pathlib.Path({str(pid)!r}).write_text(str(c.pid)); c.wait()"
    )
    ran = python(tmp_path, text, timeout_s=3)
    assert ran.exit_code is None
    deadline = time.monotonic() + 5  # it was signalled; the kernel ends it in its own time
    while alive(int(pid.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_child_in_the_background_is_not_waited_for(tmp_path):
    began = time.monotonic()
    ran = python(tmp_path, "import subprocess; print(subprocess.Popen(['sleep', '9']).pid)")
    assert ran.exit_code == 0
    assert time.monotonic() - began < 8
    os.kill(int(ran.output), 9)


def test_output_is_bounded(tmp_path):
    assert len(python(tmp_path, "print('x' * 3_000_000)").output) == 1024 * 1024


def test_no_shell_reads_the_command(tmp_path):
    assert run(tmp_path, "echo", "$(touch marker); `touch marker`").output == b"$(touch marker); `touch marker`\n"
    assert not (tmp_path / "marker").exists()


def test_a_missing_program_is_a_failure_that_names_it(tmp_path):
    with pytest.raises(Failure, match="no-such-program"):
        run(tmp_path, "no-such-program")


def alive(pid):
    """Running, and not a zombie that nobody has reaped."""
    try:
        with Path(f"/proc/{pid}/stat").open() as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
