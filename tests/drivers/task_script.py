"""A command for the kill sweep: replace a task file, and die by SIGKILL at the n-th call that touches the disk.

python task_script.py FOLDER N. Writes are cut in half before the process dies, as a disk might.
"""

import os
import signal
import stat
import sys
from pathlib import Path

from golive.drivers.taskfiles import TaskFile

CALLS = ("open", "fsync", "fchmod", "rename", "unlink")
OLD, NEW = b"[1]" * 20_000, b"[2]" * 20_000
left = 0


def halve(fd: object) -> None:
    """What a disk may keep of a file that was not synced."""
    if isinstance(fd, int) and stat.S_ISREG(os.fstat(fd).st_mode):
        os.ftruncate(fd, os.fstat(fd).st_size // 2)


def deadly(name: str) -> None:
    original = getattr(os, name)

    def call(*arguments: object, **options: object) -> object:
        global left
        left -= 1
        if left == 0:
            if name == "fsync":
                halve(arguments[0])
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)

    setattr(os, name, call)


if __name__ == "__main__":
    file = TaskFile(Path(sys.argv[1]), "tasks.json")
    left = int(sys.argv[2])
    for name in CALLS:
        deadly(name)
    with file.alone():
        file.replace(OLD, NEW)
