"""What the local target keeps when processes, supervisor, ports, disk or people misbehave."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from golive.drivers.targets import ports
from golive.errors import Failure
from golive.judge.probe import Request
from golive.release.revision import Revision
from golive.release.target import Endpoint, Instance
from golive.spec.values import HealthCheck, SecretRef
from target_worlds import LocalWorld, all_ready, played

pytestmark = pytest.mark.real

DRAIN = timedelta(seconds=10)
SENTINEL = "sentinel-4f1c9e"

STARTER = """
import asyncio, sys, time
from pathlib import Path
from target_worlds import LocalWorld

async def main():
    world = LocalWorld(Path(sys.argv[1]))
    revision = await world.revision()
    await world.target.start(revision, 2)
    await world.prober.aclose()
    print(revision.digest, flush=True)

asyncio.run(main())
time.sleep(60)
"""


@pytest.fixture
def world(tmp_path: Path) -> LocalWorld:
    return LocalWorld(tmp_path)


def starter(folder: Path) -> "subprocess.Popen[str]":
    """Another command that starts two instances, says so, and waits."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    command = [sys.executable, "-c", STARTER, str(folder)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True)


def digest_from(child: "subprocess.Popen[str]") -> str:
    assert child.stdout
    return child.stdout.readline().strip()


async def pids(world: LocalWorld) -> dict[str, int]:
    return {name: running.pid for name, running in (await world.supervisor.programs()).items()}


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def kill_supervisor(world: LocalWorld) -> None:
    """kill -9, and wait until it is gone."""
    pid = json.loads((world.supervisor.folder / "daemon.run").read_text())["pid"]
    supervisor = psutil.Process(pid)
    supervisor.kill()
    await asyncio.to_thread(supervisor.wait, 10)


async def asked(world: LocalWorld, instance: Instance) -> dict[str, str]:
    """The environment of an instance, as it says itself."""
    reply = await world.prober.call(Request(method="GET", url=f"http://{instance.endpoint}/env"))
    return dict(json.loads(reply.text))


@played
async def test_instances_outlive_the_command_that_started_them(world: LocalWorld) -> None:
    child = starter(world.folder)
    digest = digest_from(child)
    os.killpg(child.pid, signal.SIGINT)  # Ctrl-C reaches the whole process group of the command
    child.wait()
    seen = await world.until(all_ready(2))
    assert {instance.revision for instance in seen} == {Revision(digest=digest).name}


@played
async def test_two_commands_at_once_start_one_supervisor_and_each_instance_once(world: LocalWorld) -> None:
    children = [starter(world.folder) for _ in range(3)]
    assert len({digest_from(child) for child in children}) == 1
    for child in children:
        child.kill()
        child.wait()
    await world.until(all_ready(2))
    log = (world.supervisor.folder / "supervisord.log").read_text()
    assert log.count("supervisord started") == 1
    assert len([line for line in world.noted() if line.startswith("listening")]) == 2


@played
async def test_an_instance_that_is_killed_loses_readiness_and_comes_back_at_the_same_address(
    world: LocalWorld,
) -> None:
    await world.target.start(await world.revision(), 1)
    (before,) = await world.until(all_ready(1))
    for pid in (await pids(world)).values():
        os.kill(pid, signal.SIGKILL)
    await world.until(lambda seen: not seen[0].ready)
    (after,) = await world.until(all_ready(1))
    assert after.endpoint == before.endpoint
    assert "was started 2 times" in after.why


@played
async def test_an_instance_that_was_started_again_between_two_looks_has_to_prove_itself_again(
    world: LocalWorld,
) -> None:
    await world.target.start(await world.revision(fault="slow", SLOW_S="0.5"), 1)
    await world.until(all_ready(1))
    ((name, first),) = (await pids(world)).items()
    os.kill(first, signal.SIGKILL)
    while (await pids(world))[name] in (0, first):  # not looked at meanwhile
        pass
    (seen,) = await world.target.observe()
    assert not seen.ready
    await world.until(all_ready(1))


@played
async def test_a_failed_instance_says_how_it_ended_and_its_last_words(world: LocalWorld) -> None:
    await world.target.start(await world.revision(fault="crash"), 1)
    (seen,) = await world.until(lambda seen: bool(seen) and seen[0].phase == "failed")
    assert "exit status 3" in seen.why
    assert "there is no database" in seen.why


@played
async def test_a_failed_instance_is_started_anew_when_asked_again(world: LocalWorld) -> None:
    revision = await world.revision(fault="crash")
    await world.target.start(revision, 1)
    await world.until(lambda seen: bool(seen) and seen[0].phase == "failed")
    await world.target.start(revision, 1)
    (seen,) = await world.target.observe()
    assert seen.phase == "starting"


@played
async def test_instances_serve_on_when_the_supervisor_is_killed(world: LocalWorld) -> None:
    revision = await world.revision()
    await world.target.start(revision, 2)
    before = await world.until(all_ready(2))
    running = await pids(world)
    await kill_supervisor(world)
    found = await world.until(all_ready(2), world.another())
    assert [i.endpoint for i in found] == [i.endpoint for i in before]
    assert all("unattended" in i.why for i in found)
    await world.target.start(revision, 3)  # a new supervisor, which leaves the others in peace
    await world.until(all_ready(3))
    assert running.items() <= (await pids(world)).items()
    await world.target.stop(revision, 0, DRAIN)
    assert not any(alive(pid) for pid in running.values())
    assert await world.target.observe() == ()


@played
async def test_an_instance_whose_port_was_taken_meanwhile_gets_another(world: LocalWorld) -> None:
    revision = await world.revision()
    await world.target.start(revision, 1)
    (before,) = await world.until(all_ready(1))
    await kill_supervisor(world)
    for pid in (await pids(world)).values():
        os.killpg(pid, signal.SIGKILL)
    assert before.endpoint
    with thief(before.endpoint):
        await world.target.start(revision, 1)
        (after,) = await world.until(all_ready(1))
        assert after.endpoint != before.endpoint


def thief(endpoint: Endpoint) -> socket.socket:
    """Somebody else who listens there."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return socket.create_server((endpoint.host, endpoint.port))
        except OSError:  # the instance has not yet ended
            assert time.monotonic() < deadline
            time.sleep(0.01)


@played
async def test_ports_that_others_listen_on_are_passed_over(
    world: LocalWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ports.free_port(set())
    monkeypatch.setattr(ports, "FIRST", first)
    monkeypatch.setattr(ports, "LAST", first + 3)
    with socket.create_server(("127.0.0.1", first)):
        await world.target.start(await world.revision(), 3)
        seen = await world.until(all_ready(3))
        assert first not in {i.endpoint.port for i in seen if i.endpoint}
        with pytest.raises(Failure, match="none of them is free"):
            await world.target.start(await world.revision("2"), 1)


@played
async def test_stopping_waits_for_an_instance_that_finishes_its_work(world: LocalWorld) -> None:
    revision = await world.revision(fault="lingering")
    await world.target.start(revision, 1)
    await world.until(all_ready(1))
    await world.target.stop(revision, 0, DRAIN)
    assert world.noted()[1:] == ["asked to stop", "stopped"]


@played
async def test_an_instance_that_ignores_the_request_is_killed_after_the_drain(world: LocalWorld) -> None:
    revision = await world.revision(fault="stubborn")
    await world.target.start(revision, 2)
    await world.until(all_ready(2))
    running = await pids(world)
    began = time.monotonic()
    await world.target.stop(revision, 0, timedelta(seconds=0.5))
    assert 0.5 <= time.monotonic() - began < 5, "both were drained at the same time"
    assert world.noted()[2:] == ["asked to stop", "asked to stop"]
    assert not any(alive(pid) for pid in running.values())


@played
async def test_a_command_that_is_killed_while_draining_leaves_the_rest_to_the_next(world: LocalWorld) -> None:
    revision = await world.revision(fault="stubborn")
    await world.target.start(revision, 1)
    await world.until(all_ready(1))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await world.target.stop(revision, 0, DRAIN)
    (seen,) = await world.target.observe()
    assert (seen.phase, seen.ready) == ("stopping", False)
    await world.another().stop(revision, 0, timedelta(seconds=0.2))
    assert await world.target.observe() == ()


def children(world: LocalWorld) -> list[int]:
    return [int(line.split()[1]) for line in world.noted() if line.startswith("child")]


@played
async def test_children_end_with_their_instance(world: LocalWorld) -> None:
    revision = await world.revision(fault="children")
    await world.target.start(revision, 1)
    await world.until(all_ready(1))
    await world.target.stop(revision, 0, timedelta(seconds=0.3))
    assert len(children(world)) == 1
    assert not any(alive(pid) for pid in children(world))


@played
async def test_children_of_an_instance_that_crashed_end_before_it_is_started_again(world: LocalWorld) -> None:
    await world.target.start(await world.revision(fault="children"), 1)
    await world.until(all_ready(1))
    for pid in (await pids(world)).values():
        os.kill(pid, signal.SIGKILL)
    await world.until(lambda seen: all_ready(1)(seen) and len(children(world)) == 2)
    assert [alive(pid) for pid in children(world)] == [False, True]


@played
async def test_instances_get_their_settings_and_nothing_of_the_command(world: LocalWorld) -> None:
    world.environ = {"API_KEY": SENTINEL, "SNEAKY": "no"}
    (world.root / "token").write_text(f"{SENTINEL}-file\n")
    world.secrets = {
        "KEY": SecretRef(source="env", name="API_KEY"),
        "TOKEN": SecretRef(source="file", name="token"),
        "LEVEL": SecretRef(source="env", name="NOT_SET"),
    }
    world.own = {"VERSION": "of production", "LEVEL": "plain"}
    world.target = world.another()
    revision = await world.revision("of the build", COMMON="yes")
    await world.target.start(revision, 1)
    (seen,) = await world.until(all_ready(1))
    assert seen.endpoint
    env = await asked(world, seen)
    assert env["KEY"] == SENTINEL
    assert env["TOKEN"] == f"{SENTINEL}-file"
    assert (env["COMMON"], env["VERSION"]) == ("yes", "of production")
    assert env["LEVEL"] == "plain", "the environment's own setting replaces a secret of the build"
    assert (env["PORT"], env["HOST"]) == (str(seen.endpoint.port), "127.0.0.1")
    assert (env["GOLIVE_REVISION"], env["GOLIVE_ENVIRONMENT"]) == (revision.name, "production")
    assert env["GOLIVE_INSTANCE"].endswith("-0")
    assert "SNEAKY" not in env
    assert not [name for name in env if name.startswith("SUPERVISOR")]


@played
async def test_secrets_are_in_one_private_file_and_only_while_the_instance_exists(world: LocalWorld) -> None:
    world.environ = {"API_KEY": SENTINEL}
    world.secrets = {"KEY": SecretRef(source="env", name="API_KEY")}
    world.target = world.another()
    revision = await world.revision()
    await world.target.start(revision, 1)
    await world.until(all_ready(1))
    (place,) = holding(world.folder, SENTINEL)
    assert place.parent.name == "programs"
    assert place.stat().st_mode & 0o777 == 0o600
    assert not [line for line in command_lines() if SENTINEL in line]
    await world.target.stop(revision, 0, DRAIN)
    assert list(holding(world.folder, SENTINEL)) == []


def holding(folder: Path, text: str) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


def command_lines() -> Iterator[str]:
    for process in psutil.process_iter(["cmdline"]):
        yield " ".join(process.info["cmdline"] or [])


@played
async def test_every_missing_secret_is_named_and_no_value_told(world: LocalWorld) -> None:
    world.environ = {"THERE": SENTINEL, "EMPTY": ""}
    world.secrets = {
        "A": SecretRef(source="env", name="THERE"),
        "B": SecretRef(source="env", name="NOT_THERE"),
        "C": SecretRef(source="file", name="nowhere/token"),
        "D": SecretRef(source="env", name="EMPTY"),
    }
    world.target = world.another()
    with pytest.raises(Failure) as refused:
        await world.target.prepare(await world.revision())
    said = "\n".join(refused.value.lines())
    assert all(name in said for name in ("NOT_THERE", "nowhere/token", "EMPTY"))
    assert SENTINEL not in said
    assert await world.target.observe() == ()


@played
async def test_without_health_checks_an_instance_is_ready_once_it_accepts_connections(world: LocalWorld) -> None:
    world.health = ()
    world.target = world.another()
    await world.target.start(await world.revision(fault="slow", SLOW_S="0.3"), 1)
    (first,) = await world.target.observe()
    assert not first.ready
    await world.until(all_ready(1))


@played
async def test_an_instance_is_ready_only_when_all_of_its_checks_are(world: LocalWorld) -> None:
    fails = HealthCheck(kind="command", command=("false",), interval=timedelta(milliseconds=50))
    world.health = (HealthCheck(kind="tcp", interval=timedelta(milliseconds=50), healthy_after=1), fails)
    world.target = world.another()
    await world.target.start(await world.revision(), 1)
    await world.until(lambda seen: "false exited 1" in seen[0].why)
    (seen,) = await world.target.observe()
    assert not seen.ready


@played
async def test_logs_are_there_while_it_runs_and_after_it_was_stopped(world: LocalWorld) -> None:
    revision = await world.revision()
    await world.target.start(revision, 1)
    (seen,) = await world.until(all_ready(1))
    name, line = f"web-{revision.name}-0", f"listening on {seen.endpoint.port if seen.endpoint else 0}"
    assert await world.target.logs(None, 10) == {name: (line,)}
    await world.target.stop(revision, 0, DRAIN)
    assert await world.target.logs(None, 10) == {}
    assert await world.another().logs(revision.name, 10) == {name: (line,)}


@played
async def test_a_service_in_a_folder_with_a_long_and_odd_name_runs(world: LocalWorld) -> None:
    inner = LocalWorld(world.folder / "100 % [x]; #ü%(here)s" / ("y" * 100))
    try:
        await inner.target.start(await inner.revision(), 1)
        await inner.until(all_ready(1))
    finally:
        await inner.end()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_told_and_starts_nothing(small_disk: Path) -> None:
    async def steps() -> None:
        world = LocalWorld(small_disk)
        try:
            revision = await world.revision()
            fill(small_disk)
            with pytest.raises(Failure) as refused:
                await world.target.start(revision, 1)
            assert "No space left" in refused.value.why
            assert await world.target.observe() == ()
            (small_disk / "filling").unlink()
            await world.target.start(revision, 1)
            await world.until(all_ready(1))
        finally:
            await world.end()

    asyncio.run(steps())


def fill(disk: Path) -> None:
    """Take all room, to the last byte."""
    with (disk / "filling").open("wb", buffering=0) as file:
        for size in (65536, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
