"""The front door when things go wrong round it. Real Envoy, real processes."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from golive.drivers.routers import envoy, envoy_door
from golive.drivers.routers.envoy_config import cluster
from golive.errors import Failure
from golive.release.target import Endpoint
from router_worlds import NEW, OLD, EnvoyWorld, ask, eventually, free_port, played

pytestmark = pytest.mark.real


@pytest.fixture
def world(tmp_path: Path) -> EnvoyWorld:
    return EnvoyWorld(folder=tmp_path / "production" / "envoy")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that is not in force after a second counts as refused."""
    monkeypatch.setattr(envoy_door, "CONFIRM_LIMIT", timedelta(seconds=1))


async def at_30_percent(world: EnvoyWorld) -> None:
    await world.router.attach(OLD, world.start(OLD, 1))
    await world.router.attach(NEW, world.start(NEW, 1))
    await world.router.shift(NEW, OLD, 30)


@played
async def test_users_are_told_when_no_revision_is_live(world: EnvoyWorld) -> None:
    await world.router.attach(OLD, world.start(OLD, 1))
    code, _, text = await world.ask()
    assert (code, text) == (503, "No revision is live here.\n")


@played
async def test_a_marked_request_reaches_a_revision_without_weight(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    await world.router.shift(NEW, OLD, 0)
    for revision in (OLD, NEW):
        code, headers, text = await world.ask(x_golive_revision=revision.name)
        assert (code, headers["x-golive-revision"], text.split()[0]) == (200, revision.name, revision.name)


@played
async def test_a_mark_that_names_no_revision_is_refused_not_served_by_another(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    assert (await world.ask(x_golive_revision="f" * 12))[0] == 404


@played
async def test_every_answer_names_the_revision_that_gave_it(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    for _ in range(10):
        _, headers, text = await world.ask()
        assert headers["x-golive-revision"] == text.split()[0]


@played
async def test_idle_connections_are_closed_before_an_instance_would(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    await world.ask(x_golive_revision=NEW.name)

    async def connections() -> int:
        return await world.router.admin.number(f"cluster.{NEW.name}.upstream_cx_active")

    async def none_is_open() -> bool:
        return await connections() == 0

    assert await connections() == 1
    await eventually(none_is_open, within_s=1.9)  # the hastiest common server closes after 2 s
    assert (await world.ask(x_golive_revision=NEW.name))[0] == 200


@played
async def test_a_killed_envoy_comes_back_with_the_same_weights(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    before = await world.router.observe()
    await world.kill_envoy()

    async def is_back() -> bool:
        try:
            seen = await world.router.observe()
        except Failure:
            return False  # nobody can say while it is being started again
        assert seen.weights == before.weights, "nobody may believe that traffic is gone"
        return seen == before

    await eventually(is_back)
    assert (await world.ask())[0] == 200


@played
async def test_a_shift_waits_for_an_envoy_that_was_just_killed(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    await world.kill_envoy()
    await world.router.shift(NEW, OLD, 60)
    assert dict((await world.router.observe()).weights) == {NEW.name: 60, OLD.name: 40}


@played
async def test_an_endpoint_that_fails_its_check_is_not_let_in(
    world: EnvoyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envoy, "HEALTH_SLACK", timedelta(milliseconds=300))
    await at_30_percent(world)
    nobody = Endpoint(host="127.0.0.1", port=free_port())
    with pytest.raises(Failure, match=f"{nobody} did not pass"):
        await world.router.attach(NEW, world.start(NEW, 1) | {nobody})
    assert dict((await world.router.observe()).weights) == {NEW.name: 30, OLD.name: 70}
    assert {(await world.ask())[0] for _ in range(20)} == {200}


@played
async def test_an_instance_that_turns_sick_gets_no_more_requests(world: EnvoyWorld) -> None:
    await world.router.attach(OLD, world.start(OLD, 2))
    await world.router.shift(OLD, None, 100)
    sick = (await world.ask("/sicken"))[2]

    async def one_is_left() -> bool:
        return (await world.router.observe()).pools[OLD.name].healthy == 1

    await eventually(one_is_left)
    assert sick not in {(await world.ask())[2] for _ in range(20)}


@played
async def test_an_instance_that_is_well_again_can_take_everything_at_once(world: EnvoyWorld) -> None:
    """What the admin interface shows of health, the workers that serve users know as well."""
    await at_30_percent(world)
    await world.router.shift(NEW, OLD, 0)
    (endpoint,) = (await world.router.observe()).pools[NEW.name].endpoints
    for turn, expected in [("/sicken", 0), ("/heal", 1)]:
        await ask(endpoint.port, turn, "GET", {})

        async def it_shows(expected: int = expected) -> bool:
            return (await world.router.observe()).pools[NEW.name].healthy == expected

        await eventually(it_shows)
    await world.router.shift(NEW, OLD, 100)
    assert {(await world.ask())[0] for _ in range(20)} == {200}


@played
async def test_an_interrupted_drain_is_finished_by_the_next_call(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    slow = asyncio.create_task(world.ask("/slow", x_golive_revision=OLD.name))
    new = world.start(OLD, 1)
    attach = asyncio.create_task(world.router.attach(OLD, new))

    async def it_drains() -> bool:
        return any(host.draining for host in (await world.router.admin.pools())[OLD.name])

    await eventually(it_drains)
    attach.cancel()
    await asyncio.wait({attach})
    assert (await world.router.observe()).pools[OLD.name].endpoints > new
    await world.another().attach(OLD, new)
    assert (await world.router.observe()).pools[OLD.name].endpoints == new
    assert (await slow)[0] == 200


@played
async def test_torn_files_do_not_hurt_a_running_front_door(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    whole = (world.folder / "rds.json").read_bytes()
    (world.folder / "rds.json").write_bytes(whole[: len(whole) // 2])
    (world.folder / ".rds.json.tmp").write_bytes(b'{"version_info": "9')
    (world.folder / f".eds_{NEW.name}.json.tmp").write_bytes(b"\x00")
    await world.router.attach(NEW, world.start(NEW, 2))
    seen = await world.router.observe()
    assert dict(seen.weights) == {NEW.name: 30, OLD.name: 70}
    await world.router.shift(NEW, OLD, 60)
    assert dict((await world.router.observe()).weights) == {NEW.name: 60, OLD.name: 40}
    json.loads((world.folder / "rds.json").read_bytes())


@played
async def test_files_of_an_earlier_life_do_not_bring_back_its_weights(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    await world.supervisor.shutdown()  # as after a reboot: nothing runs, the files are still there
    assert dict((await world.router.observe()).weights) == {}
    await world.router.attach(OLD, world.start(OLD, 1))
    seen = await world.router.observe()
    assert (dict(seen.weights), set(seen.pools)) == ({}, {OLD.name})
    assert not (world.folder / f"eds_{NEW.name}.json").exists()


@played
async def test_the_port_is_chosen_once_and_kept(world: EnvoyWorld) -> None:
    await world.router.attach(OLD, world.start(OLD, 1))
    first = (await world.router.observe()).entry
    await world.router.shutdown(timedelta(seconds=1))
    await world.router.attach(OLD, world.start(OLD, 1))
    assert (await world.router.observe()).entry == first
    assert int(first.rsplit(":", 1)[1]) in range(20_000, 32_000)


@played
async def test_a_taken_port_is_refused_with_its_holder(world: EnvoyWorld) -> None:
    endpoints = world.start(OLD, 1)
    world.port = next(iter(endpoints)).port
    world.router = world.another()
    with pytest.raises(Failure, match="taken") as refused:
        await world.router.attach(OLD, endpoints)
    assert refused.value.where == f"127.0.0.1:{world.port}"
    assert f"pid {next(iter(world.instances.values())).pid}" in refused.value.why
    assert await world.supervisor.programs() == {}


@played
async def test_the_front_door_moves_to_another_port_and_not_to_a_taken_one(
    world: EnvoyWorld, impatient: None
) -> None:
    endpoints = world.start(OLD, 1)
    await world.router.attach(OLD, endpoints)
    await world.router.shift(OLD, None, 100)
    world.port = free_port()
    world.router = world.another()
    await world.router.attach(OLD, endpoints)
    assert (await world.ask())[0] == 200
    before, world.port = world.port, next(iter(endpoints)).port
    with pytest.raises(Failure, match="lds"):
        await world.another().attach(OLD, endpoints)
    world.port = before
    assert (await world.ask())[0] == 200


@played
async def test_two_front_doors_never_share_a_port(world: EnvoyWorld, impatient: None, tmp_path: Path) -> None:
    await at_30_percent(world)
    other = EnvoyWorld(folder=tmp_path / "staging" / "envoy")
    try:
        endpoints = other.start(OLD, 1)
        await other.router.attach(OLD, endpoints)
        other.port = int((await world.router.observe()).entry.rsplit(":", 1)[1])
        with pytest.raises(Failure, match="lds"):
            await other.another().attach(OLD, endpoints)
        assert {(await world.ask())[0] for _ in range(20)} == {200}
    finally:
        await other.end()


@played
async def test_what_envoy_refuses_is_put_back(world: EnvoyWorld, impatient: None) -> None:
    await at_30_percent(world)
    before = (world.folder / "cds.json").read_bytes()
    broken = cluster(str(world.folder), "broken", ()) | {"lb_policy": "NONSENSE"}
    with pytest.raises(Failure, match="did not take the change"):
        await world.router.door.apply("cds", [broken])
    assert json.loads((world.folder / "cds.json").read_bytes())["resources"] == json.loads(before)["resources"]
    assert {(await world.ask())[0] for _ in range(10)} == {200}


@played
async def test_nobody_can_change_weights_behind_the_files(world: EnvoyWorld) -> None:
    await at_30_percent(world)
    with pytest.raises(Failure, match="refused POST"):
        await world.router.admin.post(f"/runtime_modify?split.{NEW.name}=100")


@played
async def test_a_folder_with_a_long_path_works(world: EnvoyWorld, tmp_path: Path) -> None:
    world.folder = tmp_path / ("long" * 30) / "envoy"
    world.router = world.another()
    await at_30_percent(world)
    socket = world.router.admin.socket
    assert len(os.fsencode(socket)) <= 100
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    assert (await world.ask())[0] == 200
    await world.router.shutdown(timedelta(seconds=1))
    assert not socket.parent.exists()


@played
async def test_the_admin_socket_is_for_its_owner_alone(world: EnvoyWorld) -> None:
    await world.router.attach(OLD, world.start(OLD, 1))
    assert world.router.admin.socket.stat().st_mode & 0o777 == 0o600
    assert world.folder.stat().st_mode & 0o777 == 0o700


STARTER = """
import asyncio, sys
from pathlib import Path
from router_worlds import OLD, EnvoyWorld
from golive.release.target import Endpoint
world = EnvoyWorld(folder=Path(sys.argv[1]))
asyncio.run(world.router.attach(OLD, frozenset({Endpoint(host="127.0.0.1", port=int(sys.argv[2]))})))
"""


@played
async def test_the_front_door_outlives_whoever_opened_it(world: EnvoyWorld) -> None:
    endpoints = world.start(OLD, 1)
    port = str(next(iter(endpoints)).port)
    await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", STARTER, str(world.folder), port],
        cwd=Path(__file__).parent,
        capture_output=True,
        timeout=60,
        check=True,
    )
    await world.router.shift(OLD, None, 100)
    assert (await world.ask())[0] == 200
