"""Asks one script for its help: executed directly, in an empty folder, with nothing of the operator's environment.

This runs somebody's code. It is only for scripts that the operator called safe.
"""

import os
import selectors
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PATIENCE_SECONDS = 5.0
MOST_OUTPUT = 64 * 1024  # bytes


def printed_help(script: Path) -> str:
    """What it prints for `--help`, cut at the limits; `OSError` when it cannot be started."""
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [script, "--help"],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return _read(child).decode("utf-8", "replace")
        finally:
            _end(child)


def _environment(folder: str) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }


def _read(child: subprocess.Popen[bytes]) -> bytes:
    """Until it closes its output, has printed too much, or has taken too long."""
    assert child.stdout
    until = time.monotonic() + PATIENCE_SECONDS
    printed = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        while len(printed) < MOST_OUTPUT and waiting.select(max(0.0, until - time.monotonic())):
            part = os.read(child.stdout.fileno(), MOST_OUTPUT)
            if not part:
                break
            printed += part
    return printed[:MOST_OUTPUT]


def _end(child: subprocess.Popen[bytes]) -> None:
    """Everything that it started in its session ends with it."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        child.wait()
        if child.stdout:
            child.stdout.close()
