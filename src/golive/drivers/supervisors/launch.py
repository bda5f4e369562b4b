"""Becomes one program: reads its file, notes who it is, and executes it in its folder and environment.

supervisord runs this by path (`python -I -S launch.py programs/NAME.json`), so that nothing that an operator
wrote ever stands in supervisord's own file; therefore it may import nothing but the standard library.
Before it gives way to the program it
- ends what an earlier run of the same program left behind in its process group (a port may still be held);
- writes `NAME.run` (pid, birth, number of launches), by which the program is found when supervisord is gone;
- sends stdout and stderr straight to the log, not through supervisord: a program whose supervisor was killed
  can go on writing, and serving.

golive imports `birth` and `read_json` from here, so that both sides mean the same.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PATIENCE_AFTER_KILL = 2.0  # seconds
CANNOT_RUN = 127  # as a shell would say it


def birth(pid: int) -> str:
    """When the process began, as text that no other process with this pid ever has; "" when it is not alive.

    A zombie is not alive. Linux: boot and start tick (proc(5), field 22); elsewhere what `ps` says.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "" if BOOT_ID.exists() else _birth_by_ps(pid)
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else f"{boot()} {fields[19]}"


def boot() -> str:
    """Changes with every boot, where the kernel tells; "" elsewhere."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file; empty when there is none, or half of one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Write the object so that a reader sees all of it or none, and no other user sees any."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
    new.replace(path)


def main(path: Path) -> int:
    """Become the program; returns only when that is impossible."""
    program = json.loads(path.read_text(encoding="utf-8"))
    record = path.with_suffix(".run")
    earlier = read_json(record)
    _redirect(program["log"])
    _end_leftovers(earlier)
    _note(record, earlier)
    for name in ("SIGPIPE", "SIGXFSZ"):  # ignored in every Python process, and that would be inherited
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    command, env = program["command"], program["env"]
    try:
        os.chdir(program["folder"])
        os.execvpe(command[0], command, env)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        sys.stderr.write(f"golive: {command[0]} in {program['folder']} cannot be run: {reason}\n")
        return CANNOT_RUN


def _redirect(log: str) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _end_leftovers(earlier: dict[str, Any]) -> None:
    """Kill what is left of the group of the previous launch, whose leader is gone.

    A group's number is not given to another process while the group has members, so a group without its
    leader is the one we mean. `NAME.run` is deleted when a program is added, so the record is never old.
    """
    group = earlier.get("pid", 0)
    if not group or group == os.getpid() or birth(group):
        return
    deadline = time.monotonic() + PATIENCE_AFTER_KILL
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < deadline:
            os.killpg(group, signal.SIGKILL)
            time.sleep(0.01)


def _note(record: Path, earlier: dict[str, Any]) -> None:
    me = os.getpid()
    write_private(record, {"pid": me, "birth": birth(me), "launches": earlier.get("launches", 0) + 1})


def _birth_by_ps(pid: int) -> str:
    env = {"PATH": "/bin:/usr/bin", "LC_ALL": "C", "TZ": "UTC"}
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    said = subprocess.run(command, env=env, capture_output=True, text=True, timeout=5).stdout.split(None, 1)
    return said[1].strip() if len(said) == 2 and not said[0].startswith("Z") else ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
