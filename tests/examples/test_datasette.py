"""Datasette builds to the same bytes twice, runs where it was moved to, and a bad one passes the smoke test."""

import hashlib
import http.client
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from golive.spec.parse import parse
from shops import LIMIT_S, free_port, listens, wait_until

EXAMPLE = Path(__file__).parents[2] / "examples" / "datasette"
SMOKE = ("/-/versions.json", "/library/books.json?_shape=array&_size=1", "/library/authors/1.json?_shape=array")
STORY = json.loads((EXAMPLE / "demo.json").read_text())
pytestmark = pytest.mark.timeout(400)


def build(folder, release):
    """Build in a copy of the example; skip when packages cannot be had."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".*", "evidence", "__pycache__"))
    (folder / "release.json").write_text(json.dumps(release))
    run = subprocess.run(
        [sys.executable, "-B", "build.py"],
        cwd=folder,
        env=os.environ | {"PIP_RETRIES": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = run.stdout + run.stderr
    if any(sign in said for sign in ("No matching distribution", "Connection", "connection broken")):
        pytest.skip(f"no package registry with Datasette {release['version']} can be reached")
    assert run.returncode == 0, said
    return folder


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@contextmanager
def serving(folder):
    """A function that gives the code of a path."""
    port = free_port()
    env = {"PATH": os.environ["PATH"], "PORT": str(port)}
    child = subprocess.Popen(
        [sys.executable, "-S", "serve.py"],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )

    def code(path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    try:
        wait_until(lambda: listens(port) or child.poll() is not None)
        assert child.poll() is None, "Datasette ended"
        yield code
    finally:
        child.terminate()
        child.wait(LIMIT_S)


@pytest.mark.parametrize("story", STORY["releases"][:2], ids=lambda story: story["name"])
def test_a_release_builds_to_the_same_bytes_and_serves_where_it_was_moved(tmp_path, story):
    release = story["write"]["release.json"]
    built = digests(build(tmp_path / "a", release))
    assert built == digests(build(tmp_path / "b", release))
    moved = (tmp_path / "a").rename(tmp_path / "moved")
    with serving(moved) as code:
        assert {path: code(path) for path in (*SMOKE, *STORY["paths"])} == dict.fromkeys(
            (*SMOKE, *STORY["paths"]), 200
        )
    assert digests(moved) == built  # serving changes nothing of the revision


def test_the_bad_release_passes_its_smoke_test_and_fails_its_users(tmp_path):
    with serving(build(tmp_path / "a", STORY["releases"][2]["write"]["release.json"])) as code:
        assert [code(path) for path in SMOKE] == [200, 200, 200]
        assert 500 in [code(path) for path in STORY["paths"]]


def test_its_golive_yaml_can_be_used_and_asks_what_is_tested_here():
    spec = parse((EXAMPLE / "golive.yaml").read_bytes(), name="golive.yaml")
    assert spec.environments["production"].requires == ("staging",)
    assert all(path.partition("?")[0] in (EXAMPLE / "golive.yaml").read_text() for path in SMOKE[:2])


@pytest.mark.parametrize("version", ["0.64.8", "0.65.5"])
def test_requirements_are_pinned_by_hash_and_name_no_registry(version):
    text = (EXAMPLE / f"requirements-{version}.txt").read_text()
    assert f"datasette=={version}" in text
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text
