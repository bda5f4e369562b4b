"""The pipeline's right to push: tried on real repositories, and nothing is sent."""

import asyncio
import dataclasses
import shutil
import subprocess

import pytest

from golive.controller.readiness import exercise
from golive.drivers.checks.pipeline import PipelinePermitted
from golive.drivers.commands import LocalCommands


@pytest.fixture
def scratch(tmp_path_factory):
    return lambda: str(tmp_path_factory.mktemp("scratch"))


def git(folder, *words):
    if shutil.which("git") is None:
        pytest.skip("git is not here")
    named = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", "-C", str(folder), *named, *words], check=True, capture_output=True).stdout


def tried(folder, scratch, **changes):
    check = PipelinePermitted(root=folder, commands=LocalCommands(folder), remote="origin")
    found = asyncio.run(exercise(dataclasses.replace(check, **changes), scratch))
    return found.exercised.answer, found.control, found.exercised.because


@pytest.fixture
def remote(tmp_path):
    git(tmp_path, "init", "-q", "--bare", str(tmp_path / "remote.git"))
    return tmp_path / "remote.git"


@pytest.fixture
def repository(tmp_path, remote):
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "app.py").write_text("print('hello')\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    git(folder, "remote", "add", "origin", str(remote))
    return folder


def test_a_push_is_tried_and_nothing_is_sent(repository, remote, scratch):
    assert tried(repository, scratch)[:2] == ("proven", "red")
    assert git(remote, "branch", "-a") == b""


def test_hooks_of_the_checkout_are_not_run(repository, scratch, tmp_path):
    hook = repository / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    hook.chmod(0o755)
    assert tried(repository, scratch)[0] == "proven"
    assert not (tmp_path / "ran").exists()


def test_a_remote_that_is_gone_refutes(repository, remote, scratch):
    shutil.rmtree(remote)
    assert tried(repository, scratch)[:2] == ("refuted", "red")


def test_the_remote_that_the_file_names_is_tried(repository, scratch, tmp_path):
    git(repository, "remote", "add", "deploys", str(tmp_path / "gone.git"))
    assert tried(repository, scratch, remote="deploys")[0] == "refuted"


def test_where_nothing_can_be_pushed_nothing_is_proven(repository, scratch, tmp_path):
    bare = tmp_path / "empty"
    bare.mkdir()
    assert tried(bare, scratch)[::2] == ("nothing", "git knows nothing of this folder")
    git(bare, "init", "-q")
    assert tried(bare, scratch)[::2] == ("nothing", "git has no remote origin here")
    git(bare, "remote", "add", "origin", str(repository))
    assert tried(bare, scratch)[::2] == ("nothing", "nothing is committed here yet")


@pytest.mark.parametrize(("mode", "answer"), [(0o600, "proven"), (0o640, "refuted"), (None, "refuted")])
def test_a_deploy_key_is_its_owners_alone(repository, scratch, tmp_path, mode, answer):
    key = tmp_path / "deploy key"
    if mode is not None:
        key.write_text("a key")
        key.chmod(mode)
    assert tried(repository, scratch, deploy_key=key)[:2] == (answer, "red")


def test_a_deploy_key_is_what_ssh_is_given(repository, scratch, tmp_path, monkeypatch):
    key, told = tmp_path / "deploy key", tmp_path / "told"
    key.write_text("a key")
    key.chmod(0o600)
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(f'#!/bin/sh\nfor word; do echo "$word"; done >> {told}\nexit 1\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", str(ssh.parent), prepend=":")
    git(repository, "remote", "set-url", "origin", "git@golive.invalid:shop.git")
    assert tried(repository, scratch, deploy_key=key)[0] == "refuted"
    assert str(key) in told.read_text().splitlines()


def test_without_git_nothing_is_proven(repository, scratch, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tried(repository, scratch)[0] == "nothing"
