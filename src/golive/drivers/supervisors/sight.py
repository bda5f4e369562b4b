"""What supervisord and the launch records say, as `Running`."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from golive.drivers.supervision import Running

Phase = Literal["starting", "running", "failed", "stopping", "stopped"]

# supervisor.states.ProcessStates; after EXITED (100) and BACKOFF (30) it is started again
PHASES: Mapping[int, Phase] = {
    0: "stopped",
    10: "starting",
    20: "running",
    30: "starting",
    40: "stopping",
    100: "starting",
    200: "failed",
    1000: "failed",
}
TAIL_BYTES = 64 * 1024
LAST_LINES = 5
UNATTENDED = "runs unattended: its supervisor died"


def supervised(found: Mapping[str, Any], launches: int, program: Mapping[str, Any], journal: Path) -> Running:
    """A program that supervisord knows: `found` is its answer, `program` our file, `journal` its log."""
    name, phase = str(found["name"]), PHASES.get(int(found["state"]), "failed")
    return Running(
        name=name,
        phase=phase,
        pid=int(found["pid"]),
        why=_why(phase, bool(found["pid"]), name, launches, Path(program.get("log", os.devnull)), journal),
        started_at=datetime.fromtimestamp(int(found["start"]), UTC),
        note=program.get("note", ""),
    )


def unattended(name: str, pid: int, note: str, record: Path, *, ending: bool) -> Running:
    """A program that outlived its supervisord, or is about to end with it."""
    return Running(
        name=name,
        phase="stopping" if ending else "running",
        pid=pid,
        why=UNATTENDED,
        started_at=datetime.fromtimestamp(record.stat().st_mtime, UTC),
        note=note,
    )


def last_lines(path: Path, count: int) -> list[str]:
    """The end of a log; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return text.splitlines()[-count:]


def _why(phase: Phase, alive: bool, name: str, launches: int, log: Path, journal: Path) -> str:
    if phase == "failed":
        return f"{_exit(name, journal)}, {launches} times; {_said(log)}"
    if phase == "starting" and not alive:
        return f"{_exit(name, journal)}, is started again; {_said(log)}"
    return f"was started {launches} times" if launches > 1 else ""


def _exit(name: str, journal: Path) -> str:
    """Such as "exit status 3" or "terminated by SIGKILL"; supervisord keeps it nowhere else."""
    line = re.compile(rf" exited: {re.escape(name)} \((.+?)(?:; (?:not )?expected)?\)$")
    ends = [found[1] for found in map(line.search, last_lines(journal, 1000)) if found]
    return ends[-1] if ends else "it ended"


def _said(log: Path) -> str:
    lines = list(dict.fromkeys(last_lines(log, 4 * LAST_LINES)))[-LAST_LINES:]  # each attempt says the same
    return "last lines of its log: " + " | ".join(lines) if lines else "its log is empty"
