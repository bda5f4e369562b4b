"""A dry run touches nothing: no file, no process, no socket. Watched from inside and from outside."""

import json
import os
import subprocess
import sys

import pytest

from test_going_live import FAST
from town import town

WATCH = """
import json, os, sys
seen = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        writes = arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        if writes and str(arguments[0]) != os.devnull: seen.append([event, str(arguments[0])])
    elif event.split(".")[0] in ("subprocess", "sqlite3", "shutil", "tempfile"): seen.append([event, ""])
    elif event in ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.kill", "os.mkdir",
                   "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
                   "os.chown", "os.utime", "socket.connect", "socket.bind", "socket.sendto",
                   "socket.getaddrinfo", "fcntl.flock", "fcntl.lockf"): seen.append([event, str(arguments[:1])])
sys.addaudithook(watch)
sys.argv = ["golive", *json.loads(sys.argv[1])]
from golive.cli import main
try: main()
finally: print("SEEN " + json.dumps(seen), file=sys.stderr)
"""
pytestmark = [pytest.mark.journey, pytest.mark.timeout(200)]


def tree(folder):
    """Every file with what would change if somebody touched it."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in [*names, "."]:
            status = os.lstat(os.path.join(place, name))
            found[os.path.join(place, name)] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode)
    return found


def watched(shop, *arguments):
    run = subprocess.run(
        [sys.executable, "-c", WATCH, json.dumps(arguments)],
        cwd=shop.folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    seen = [line for line in run.stderr.splitlines() if line.startswith("SEEN ")]
    assert seen, run.stderr
    return run.returncode, run.stdout, json.loads(seen[0][5:])


def test_a_dry_run_in_an_empty_folder_touches_nothing(tmp_path):
    with town(tmp_path / "shop") as shop:
        before = tree(shop.folder)
        code, out, seen = watched(shop, "deploy", "--env", "staging", "--dry-run")
        assert (code, seen) == (0, []), out
        assert "build the revision" in out
        assert tree(shop.folder) == before


def test_a_dry_run_beside_a_live_environment_touches_nothing_and_knows_what_is_live(tmp_path):
    with town(tmp_path / "shop") as shop:
        shop.edit(**FAST)
        shop.release("1.0.0")
        assert shop.deploy("production")[0] == 0
        shop.release("2.0.0")
        records = shop.records()
        code, out, seen = watched(shop, "deploy", "--env", "production", "--dry-run", "--json")
        assert (code, seen) == (0, []), out
        steps = json.loads(out)["steps"]
        assert any("50 %" in step for step in steps)
        assert shop.records() == records


def test_the_watcher_sees_what_a_real_run_touches(tmp_path):
    """The negative control: the same watcher turns red for a command that does write."""
    with town(tmp_path / "shop") as shop:
        _, _, seen = watched(shop, "deploy", "--env", "staging")
        assert {event for event, _ in seen} >= {"open", "os.mkdir"}
