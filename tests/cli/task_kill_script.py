"""A command for the kill sweep: change a task beside a golive.yaml, and die by SIGKILL at the n-th durable act.

python task_kill_script.py SPEC N
"""

import os
import signal
import sys

from golive import assembly

CALLS = ("fsync", "rename", "replace", "unlink")
left = 0


def deadly(name: str) -> None:
    original = getattr(os, name)

    def call(*arguments: object, **options: object) -> object:
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)

    setattr(os, name, call)


if __name__ == "__main__":
    left = int(sys.argv[2])
    for name in CALLS:
        deadly(name)
    assembly.set_task(sys.argv[1], None, "operations", "blocked", note="", evidence=(), environment=None)
