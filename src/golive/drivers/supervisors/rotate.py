"""Keeps logs from filling the disk: copies a log that has grown and empties it, again and again.

A program of supervisord like any other, run by path with `-I -S` in supervisord's folder; ends with it.
Programs hold their log open for appending, so emptying it is safe at any time; what is written in the
instant between the last copied byte and the emptying is lost.
"""

import contextlib
import json
import os
import select
import shutil
import sys
from pathlib import Path

EVERY = 5.0  # seconds
MOST_BYTES = 10 * 1024 * 1024
KEPT = 3  # earlier parts: NAME.log.1 is the newest


def main() -> None:
    """Look after the logs of every program in `programs/` until supervisord, which holds our stdin, is gone."""
    while not select.select([sys.stdin], [], [], EVERY)[0]:
        for program in Path("programs").glob("*.json"):
            with contextlib.suppress(OSError, ValueError, KeyError):  # removed meanwhile, or the disk is full
                rotate(Path(json.loads(program.read_text(encoding="utf-8"))["log"]), MOST_BYTES)


def rotate(log: Path, most_bytes: int) -> None:
    """Move what is in the log to `NAME.log.1` when it is more than `most_bytes`."""
    if log.stat().st_size <= most_bytes:
        return
    for number in range(KEPT - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            log.with_name(f"{log.name}.{number}").replace(log.with_name(f"{log.name}.{number + 1}"))
    try:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    finally:
        os.truncate(log, 0)  # also when there was no room for the copy: better this log than the disk


if __name__ == "__main__":
    main()
