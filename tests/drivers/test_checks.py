"""Every readiness check on the real thing, and turning red under its planted fault."""

import asyncio
import dataclasses
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest

from golive.controller.readiness import exercise
from golive.drivers.checks.channels import ChannelReceived
from golive.drivers.checks.commands import CommandCheck
from golive.drivers.checks.credentials import CredentialsValid
from golive.drivers.checks.machine import MachineReady
from golive.drivers.checks.migration import MigrationReversible
from golive.drivers.checks.pipeline import PipelinePermitted
from golive.drivers.checks.secrets import SecretsNotInRepository, SecretsResolvable
from golive.drivers.checks.target import TargetCapable
from golive.drivers.checks.wayback import RollbackPlanned
from golive.drivers.commands import LocalCommands
from golive.errors import Failure
from golive.release.strategies import stages
from golive.release.target import Capabilities
from golive.spec.values import Channel, Credential, Environment, Migration, SecretRef, Strategy, TargetChoice

WORD = "correct-horse-battery"


@pytest.fixture
def scratch(tmp_path_factory):
    return lambda: str(tmp_path_factory.mktemp("scratch"))


def git(folder, *words):
    if shutil.which("git") is None:
        pytest.skip("git is not here")
    named = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *named, *words], check=True, capture_output=True)


def outcome(check, scratch):
    found = asyncio.run(exercise(check, scratch))
    return found.exercised.answer, found.control, found.exercised.because


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "app.py").write_text("print('hello')\n")
    (folder / "lock.txt").write_text("--hash=sha256:" + "0123456789abcdef" * 4 + "\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.mark.parametrize(
    ("files", "answer"),
    [
        ({}, "proven"),
        ({"settings.ini": "key = AKIA" + "ABCDEFGHIJKLMNOP"}, "refuted"),
        ({"notes.txt": f"the password is {WORD}"}, "refuted"),
        ({"id_ed25519": "-----BEGIN OPENSSH PRIVATE KEY-----\nabc"}, "refuted"),
        ({"data.bin": "\0" + WORD}, "proven"),
    ],
    ids=["clean", "looks like a key", "the value of a secret", "a private key", "binary"],
)
def test_secrets_in_the_repository_are_found_and_digests_are_not(repository, scratch, files, answer):
    for name, content in files.items():
        (repository / name).write_text(content)
    check = SecretsNotInRepository(root=repository, secrets={"PASSWORD": WORD})
    found = outcome(check, scratch)
    assert found[:2] == (answer, "red")
    assert WORD not in found[2]


def test_what_git_ignores_is_not_searched(repository, scratch):
    (repository / ".gitignore").write_text("secret.txt\n")
    (repository / "secret.txt").write_text(WORD)
    check = SecretsNotInRepository(root=repository, secrets={"PASSWORD": WORD})
    assert outcome(check, scratch)[0] == "proven"


def test_outside_git_nothing_is_proven(tmp_path, scratch):
    assert outcome(SecretsNotInRepository(root=tmp_path, secrets={}), scratch)[0] == "nothing"


@pytest.mark.parametrize(
    ("ref", "answer"),
    [
        (SecretRef(source="env", name="THERE"), "proven"),
        (SecretRef(source="env", name="NOT_THERE"), "refuted"),
        (SecretRef(source="env", name="EMPTY"), "refuted"),
        (SecretRef(source="file", name="good"), "proven"),
        (SecretRef(source="file", name="open"), "refuted"),
        (SecretRef(source="file", name="empty"), "refuted"),
        (SecretRef(source="file", name="nothing"), "refuted"),
    ],
    ids=lambda value: value.name if isinstance(value, SecretRef) else value,
)
def test_secrets_are_read_where_they_are_said_to_be(tmp_path, scratch, ref, answer):
    for name, content, mode in (("good", WORD, 0o600), ("open", WORD, 0o644), ("empty", "", 0o600)):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(mode)
    check = SecretsResolvable(root=tmp_path, environ={"THERE": WORD, "EMPTY": ""}, refs={"PASSWORD": ref})
    found = outcome(check, scratch)
    assert found[:2] == (answer, "red")
    assert WORD not in found[2]


def test_the_machine_is_measured(tmp_path, scratch):
    assert outcome(MachineReady(root=tmp_path, programs=["sh"], least_free_mib=1), scratch)[:2] == (
        "proven",
        "red",
    )
    assert outcome(MachineReady(root=tmp_path, programs=["no-such-program"]), scratch)[0] == "refuted"
    assert outcome(MachineReady(root=tmp_path, programs=[], least_free_mib=2**40), scratch)[0] == "refuted"


def test_a_push_is_tried_and_nothing_is_sent(repository, tmp_path, scratch):
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", str(remote))
    git(repository, "remote", "add", "origin", str(remote))
    assert outcome(PipelinePermitted(root=repository), scratch)[:2] == ("proven", "red")
    told = subprocess.run(["git", "-C", str(remote), "branch", "-a"], capture_output=True, check=True)
    assert told.stdout == b""


def test_a_remote_that_is_gone_refutes_and_none_proves_nothing(repository, tmp_path, scratch):
    assert outcome(PipelinePermitted(root=repository), scratch)[0] == "nothing"
    git(repository, "remote", "add", "origin", str(tmp_path / "gone.git"))
    assert outcome(PipelinePermitted(root=repository), scratch)[0] == "refuted"


def test_a_way_back_that_cannot_be_planned_is_refuted(scratch):
    async def steps():
        return ("shift", "settle")

    async def nothing_live():
        raise Failure(where="production", what="there is nothing to roll back", why="nothing is live")

    good = RollbackPlanned(rehearse=steps, rehearse_where_nothing_is_live=nothing_live)
    assert outcome(good, scratch)[:2] == ("proven", "red")
    bad = RollbackPlanned(rehearse=nothing_live, rehearse_where_nothing_is_live=nothing_live)
    assert outcome(bad, scratch)[0] == "refuted"


def own(tmp_path, exercise_code, control_code, seconds=20):
    def run(code):
        return (sys.executable, "-c", code)

    return CommandCheck(
        claim="ours",
        commands=LocalCommands(tmp_path),
        exercise_command=run(exercise_code),
        control_command=run(control_code),
        timeout=timedelta(seconds=seconds),
        env={"GOLIVE_MARKER": "m1"},
    )


@pytest.mark.parametrize(
    ("exercise_code", "control_code", "expected"),
    [
        ("", "raise SystemExit(1)", ("proven", "red")),
        ("raise SystemExit(3)", "raise SystemExit(1)", ("refuted", "red")),
        ("", "", ("proven", "green")),
        ("import os; assert os.environ['GOLIVE_MARKER'] == 'm1'", "raise SystemExit(1)", ("proven", "red")),
    ],
    ids=["holds", "does not", "cannot fail", "has its marker"],
)
def test_a_teams_own_exercise_counts_only_when_its_control_fails(
    tmp_path, scratch, exercise_code, control_code, expected
):
    assert outcome(own(tmp_path, exercise_code, control_code), scratch)[:2] == expected


def test_a_command_that_hangs_is_refuted(tmp_path, scratch):
    check = own(tmp_path, "import time; time.sleep(60)", "raise SystemExit(1)", seconds=1)
    assert outcome(check, scratch)[0] == "refuted"


def test_a_control_that_cannot_be_run_shows_nothing(tmp_path, scratch):
    check = CommandCheck(
        claim="ours",
        commands=LocalCommands(tmp_path),
        exercise_command=(sys.executable, "-c", ""),
        control_command=("/no/such/program",),
        timeout=timedelta(seconds=20),
        env={},
    )
    assert outcome(check, scratch)[1] == "not run"


def sh(code):
    return (sys.executable, "-c", code)


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        (Credential(name="a", env="THERE"), ("proven", "red")),
        (Credential(name="a", env="NOT_THERE"), ("refuted", "red")),
        (Credential(name="a", file="good"), ("proven", "red")),
        (Credential(name="a", file="open"), ("refuted", "red")),
        (Credential(name="a", command=sh(""), control=sh("raise SystemExit(1)")), ("proven", "red")),
        (
            Credential(name="a", command=sh("raise SystemExit(1)"), control=sh("raise SystemExit(1)")),
            ("refuted", "red"),
        ),
        (Credential(name="a", command=sh(""), control=sh("")), ("proven", "green")),
    ],
    ids=["set", "not set", "file", "readable by others", "accepted", "refused", "accepts anything"],
)
def test_a_credential_is_there_and_accepted(tmp_path, scratch, credential, expected):
    for name, mode in (("good", 0o600), ("open", 0o644)):
        (tmp_path / name).write_text(WORD)
        (tmp_path / name).chmod(mode)
    check = CredentialsValid(
        root=tmp_path, environ={"THERE": WORD}, commands=LocalCommands(tmp_path), credentials=[credential]
    )
    assert outcome(check, scratch)[:2] == expected


SEND = sh("import os; open('sink', 'a').write(os.environ['GOLIVE_MARKER'] + '\\n')")
FIND = sh("import os, sys; sys.exit(os.environ['GOLIVE_MARKER'] not in open('sink').read().splitlines())")


@pytest.mark.parametrize(
    ("send", "received", "expected"),
    [
        (SEND, FIND, ("proven", "red")),
        (sh(""), FIND, ("refuted", "red")),
        (sh("raise SystemExit(1)"), FIND, ("refuted", "red")),
        (SEND, sh(""), ("proven", "green")),
    ],
    ids=["arrives", "is lost", "is not sent", "anything is found"],
)
def test_a_channel_is_receiving_when_a_fresh_marker_is_found_and_no_other(
    tmp_path, scratch, send, received, expected
):
    (tmp_path / "sink").write_text("")
    channel = Channel(send=send, received=received, timeout=timedelta(seconds=2))
    check = ChannelReceived(
        claim="metrics-received", commands=LocalCommands(tmp_path), channel=channel, marker="m-1"
    )
    assert outcome(check, scratch)[:2] == expected


def data(code):
    return sh(f"import os, pathlib; p = pathlib.Path(os.environ['GOLIVE_COPY'], 'rows'); {code}")


MIGRATION = Migration(
    copy=data("p.write_text('1 2 3')"),
    forward=data("p.write_text(p.read_text() + ' migrated')"),
    backward=data("p.write_text(p.read_text().removesuffix(' migrated'))"),
    state=data("print(p.read_text())"),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("proven", "red")),
        ({"backward": data("p.write_text('1 2')")}, ("refuted", "red")),
        ({"backward": sh("raise SystemExit(1)")}, ("refuted", "red")),
        ({"forward": sh("raise SystemExit(1)")}, ("refuted", "red")),
        ({"state": sh("print('always the same')")}, ("proven", "green")),
        ({"irreversible": True}, ("refuted", "red")),
    ],
    ids=["comes back", "loses a row", "cannot go back", "cannot go", "nothing is looked at", "no way back"],
)
def test_a_migration_is_run_forward_and_back_on_a_copy(tmp_path, scratch, changes, expected):
    migration = dataclasses.replace(MIGRATION, **changes)
    check = MigrationReversible(commands=LocalCommands(tmp_path), migration=migration, promised=1)
    assert outcome(check, scratch)[:2] == expected


def target(weights, lacking=(), weighted=True):
    async def missing():
        return lacking

    place = Environment(
        name="production",
        target=TargetChoice(kind="local"),
        instances=4,
        strategy=Strategy(kind="canary", weights=weights, soak=timedelta(seconds=5)),
    )
    return TargetCapable(
        environment=place,
        stages=stages(place, first=False),
        capabilities=Capabilities(weighted=weighted, header_route=True, mirror=False, faults=False),
        lacking=missing,
    )


def test_a_target_is_held_against_its_strategy(scratch):
    assert outcome(target((5, 50)), scratch)[:2] == ("proven", "red")
    assert outcome(target((5, 50), weighted=False), scratch)[0] == "refuted"
    assert outcome(target((25, 50), weighted=False), scratch)[0] == "proven"
    assert outcome(target((5,), lacking=("envoy: not here",)), scratch)[0] == "refuted"
