"""Every readiness check on the real thing, and turning red under its planted fault."""

import asyncio
import dataclasses
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from golive.controller.readiness import exercise
from golive.drivers.checks.channels import ChannelReceived
from golive.drivers.checks.commands import CommandCheck
from golive.drivers.checks.credentials import CredentialsValid
from golive.drivers.checks.faults import every
from golive.drivers.checks.machine import MachineReady
from golive.drivers.checks.migration import MigrationReversible
from golive.drivers.checks.secrets import SecretsResolvable
from golive.drivers.checks.target import TargetCapable
from golive.drivers.checks.untried import declared, not_configured
from golive.drivers.checks.wayback import RollbackPlanned
from golive.drivers.commands import LocalCommands
from golive.errors import Failure
from golive.evidence.claim import Exercised
from golive.release.strategies import stages
from golive.release.target import Capabilities
from golive.spec.values import Channel, Credential, Environment, Migration, SecretRef, Strategy, TargetChoice

WORD = "correct-horse-battery"


@pytest.fixture
def scratch(tmp_path_factory):
    return lambda: str(tmp_path_factory.mktemp("scratch"))


def outcome(check, scratch):
    found = asyncio.run(exercise(check, scratch))
    return found.exercised.answer, found.control, found.exercised.because


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


MACHINE = MachineReady(root=Path(), programs=["sh"], least_free_mib=1)


def jumping():
    """A clock that gains a minute at every look."""
    now = time.time()
    while True:
        now += 60
        yield now


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "proven"),
        ({"programs": ["no-such-program"]}, "refuted"),
        ({"least_free_mib": 2**40}, "refuted"),
        ({"wall": time.monotonic}, "refuted"),
        ({"wall": jumping().__next__}, "refuted"),
    ],
    ids=["has all", "no program", "no room", "1970", "jumps"],
)
def test_the_machine_is_measured(tmp_path, scratch, changes, answer):
    machine = dataclasses.replace(MACHINE, root=tmp_path, **changes)
    assert outcome(machine, scratch)[0] == answer


def test_every_fault_of_a_machine_is_planted(tmp_path, scratch):
    assert outcome(dataclasses.replace(MACHINE, root=tmp_path), scratch)[1] == "red"


async def steps():
    return ("shift", "settle")


async def nowhere():
    raise Failure(where="production", what="no single revision matches", why="nobody has it")


WAY_BACK = RollbackPlanned(rehearse=steps, rehearse_to_nowhere=nowhere, earlier=1, environment="production")


def test_a_way_back_is_played_and_one_that_cannot_be_planned_is_refuted(scratch):
    assert outcome(WAY_BACK, scratch)[:2] == ("proven", "red")
    assert outcome(dataclasses.replace(WAY_BACK, rehearse=nowhere), scratch)[:2] == ("refuted", "red")


def test_before_there_is_anything_to_go_back_to_nothing_is_proven(scratch):
    assert outcome(dataclasses.replace(WAY_BACK, rehearse=nowhere, earlier=0), scratch)[:2] == ("nothing", "red")


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        ("Type `golive rollback --env production`.", "proven"),
        ("We will think of something.", "refuted"),
        (None, "refuted"),
    ],
)
def test_a_written_plan_holds_the_command(tmp_path, scratch, page, answer):
    plan = tmp_path / "going-back.md"
    if page:
        plan.write_text(page)
    assert outcome(dataclasses.replace(WAY_BACK, plan=plan), scratch)[:2] == (answer, "red")


def test_a_rehearsal_that_always_succeeds_is_not_believed(scratch):
    assert outcome(dataclasses.replace(WAY_BACK, rehearse_to_nowhere=steps), scratch)[1] == "green"


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
        (Credential(name="a", file="empty"), ("refuted", "red")),
        (Credential(name="a", file="nowhere"), ("refuted", "red")),
        (Credential(name="a", command=sh(""), control=sh("raise SystemExit(1)")), ("proven", "red")),
        (
            Credential(name="a", command=sh("raise SystemExit(1)"), control=sh("raise SystemExit(1)")),
            ("refuted", "red"),
        ),
        (Credential(name="a", command=sh(""), control=sh("")), ("proven", "green")),
    ],
    ids=[
        "set",
        "not set",
        "file",
        "readable by others",
        "empty",
        "gone",
        "accepted",
        "refused",
        "accepts anything",
    ],
)
def test_a_credential_is_there_and_accepted(tmp_path, scratch, credential, expected):
    for name, content, mode in (("good", WORD, 0o600), ("open", WORD, 0o644), ("empty", "", 0o600)):
        (tmp_path / name).write_text(content)
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


def test_a_marker_that_was_never_sent_is_another_one_than_the_one_that_was(tmp_path):
    (tmp_path / "sink").write_text("")
    channel = Channel(send=SEND, received=FIND, timeout=timedelta(seconds=20))
    check = ChannelReceived(claim="logs-received", commands=LocalCommands(tmp_path), channel=channel, marker="m-1")
    assert asyncio.run(check.exercise()).answer == "proven"
    assert asyncio.run(check.control("")).answer == "refuted"


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
        ({"state": sh("pass")}, ("proven", "green")),
        ({"state": data("print(p.read_text(), '.' * 2**20)")}, ("refuted", "red")),
        ({"irreversible": True}, ("refuted", "red")),
    ],
    ids=[
        "comes back",
        "loses a row",
        "cannot go back",
        "cannot go",
        "nothing is looked at",
        "nothing is printed",
        "more than is kept",
        "no way back",
    ],
)
def test_a_migration_is_run_forward_and_back_on_a_copy(tmp_path, scratch, changes, expected):
    migration = dataclasses.replace(MIGRATION, **changes)
    check = MigrationReversible(commands=LocalCommands(tmp_path), migration=migration, promised=1)
    assert outcome(check, scratch)[:2] == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("proven", "red")),
        ({"forward": sh("")}, ("refuted", "red")),
        ({"forward": sh("raise SystemExit(1)")}, ("refuted", "red")),
        ({"state": sh("import uuid; print(uuid.uuid4())")}, ("proven", "green")),
    ],
    ids=["runs", "does nothing", "cannot go", "never the same"],
)
def test_one_without_a_way_back_must_still_run_where_none_is_promised(tmp_path, scratch, changes, expected):
    migration = dataclasses.replace(MIGRATION, irreversible=True, backward=sh("raise SystemExit(1)"), **changes)
    check = MigrationReversible(commands=LocalCommands(tmp_path), migration=migration, promised=0)
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


def test_a_fault_that_one_of_several_looks_misses_is_told():
    async def seen(answer):
        return Exercised(answer=answer, because="")

    both = asyncio.run(every({"one": seen("refuted"), "other": seen("proven")}))
    assert (both.answer, both.because) == ("proven", "not noticed: other")
    assert asyncio.run(every({"one": seen("refuted")})).answer == "refuted"
    assert asyncio.run(every({})).answer == "proven"


@pytest.mark.parametrize("check", [declared("c", "the contract"), not_configured("c", "readiness.credentials")])
def test_what_cannot_be_tried_proves_nothing_and_plants_nothing(check, scratch):
    assert outcome(check, scratch)[0] in ("declared", "nothing")
    assert outcome(check, scratch)[1] == "not run"


def test_an_outside_that_breaks_refutes_and_shows_nothing(scratch):
    class Broken:
        claim = "c"

        async def exercise(self):
            raise FileNotFoundError(2, "gone")

        async def control(self, scratch):
            raise PermissionError(13, "not ours")

    assert outcome(Broken(), scratch)[:2] == ("refuted", "not run")
