"""What users notice while the front door is changed under them: nothing. Real Envoy, real processes."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest

from router_worlds import NEW, OLD, EnvoyWorld, Load, ask, eventually, played

pytestmark = pytest.mark.real

RATE = 300  # requests per second


@pytest.fixture
def world(tmp_path: Path) -> EnvoyWorld:
    return EnvoyWorld(folder=tmp_path / "production" / "envoy")


async def live(world: EnvoyWorld, instances: int = 2, *, rate: int = RATE, **load: str) -> Load:
    """OLD has all traffic, NEW is attached; a load that is ready to run."""
    await world.router.attach(OLD, world.start(OLD, instances))
    await world.router.attach(NEW, world.start(NEW, instances))
    await world.router.shift(OLD, None, 100)
    entry = (await world.router.observe()).entry
    return Load(port=int(entry.rsplit(":", 1)[1]), rate=rate, **load)


@played
async def test_thirty_weight_changes_lose_no_request(world: EnvoyWorld) -> None:
    load = await live(world)
    async with load.running():
        for weight in [random.Random(7).randrange(101) for _ in range(30)]:
            await world.router.shift(NEW, OLD, weight)
            await load.until(30)
    assert load.failed() == {}
    assert load.sent >= 900


@played
async def test_traffic_is_divided_as_the_weights_say(world: EnvoyWorld) -> None:
    load = await live(world, rate=600)
    await world.router.shift(NEW, OLD, 25)
    async with load.running():
        await load.until(1200)
    to_new = sum(count for outcome, count in load.outcomes.items() if f" {NEW.name} " in outcome)
    assert load.failed() == {}
    assert 0.17 < to_new / load.sent < 0.33  # 25 % ± six standard deviations


@played
async def test_once_a_shift_has_returned_nobody_meets_the_revision_that_lost_its_weight(world: EnvoyWorld) -> None:
    load = await live(world)
    async with load.running():
        for new, old in [(NEW, OLD), (OLD, NEW)] * 15:
            await world.router.shift(new, old, 100)
            answers = await asyncio.gather(*(ask(load.port, "/", "GET", {}) for _ in range(5)))
            assert {headers["x-golive-revision"] for _, headers, _ in answers} == {new.name}
    assert load.failed() == {}


@played
async def test_a_shift_right_after_an_attach_loses_no_request(world: EnvoyWorld) -> None:
    """Health that the admin interface shows must be known to the workers as well."""
    load = await live(world)
    async with load.running():
        for new, old in [(NEW, OLD), (OLD, NEW)] * 4:
            await world.router.attach(new, frozenset())
            await world.router.attach(new, world.start(new, 1))
            await world.router.shift(new, old, 100)
            await load.until(60)
    assert load.failed() == {}


@played
async def test_replacing_every_endpoint_loses_no_request(world: EnvoyWorld) -> None:
    load = await live(world)
    async with load.running():
        for _ in range(3):
            before = (await world.router.observe()).pools[OLD.name].endpoints
            await world.router.attach(OLD, world.start(OLD, 2))
            for endpoint in before:
                world.kill(endpoint)  # quiet by promise: nobody may notice
            await load.until(100)
    assert load.failed() == {}


@played
async def test_a_removed_endpoint_finishes_what_it_has(world: EnvoyWorld) -> None:
    await live(world)
    before = (await world.router.observe()).pools[OLD.name].endpoints
    slow = [asyncio.create_task(world.ask("/slow", "POST")) for _ in range(8)]  # a GET would be sent again

    async def all_are_in_flight() -> bool:
        hosts = (await world.router.admin.pools())[OLD.name]
        return sum(host.active for host in hosts) == 8

    await eventually(all_are_in_flight)
    await world.router.attach(OLD, world.start(OLD, 1))
    for endpoint in before:
        world.kill(endpoint)
    assert {code for code, _, _ in await asyncio.gather(*slow)} == {200}


@played
async def test_a_killed_instance_costs_no_reading_request(world: EnvoyWorld) -> None:
    load = await live(world, 2)
    victim = min((await world.router.observe()).pools[OLD.name].endpoints)
    async with load.running():
        await load.until(100)
        world.kill(victim)
        await load.until(400)
    assert load.failed() == {}


@played
async def test_reading_requests_that_were_in_flight_on_a_killed_instance_are_sent_again(world: EnvoyWorld) -> None:
    load = await live(world, 2, path="/slow", rate=40)
    victim = min((await world.router.observe()).pools[OLD.name].endpoints)
    async with load.running():
        await load.until(40)
        begun = next(h.active for h in (await world.router.admin.pools())[OLD.name] if h.endpoint == victim)
        world.kill(victim)
        await load.until(80)
    assert begun > 0
    assert load.failed() == {}


@played
async def test_only_requests_that_were_begun_fail_when_other_methods_meet_a_killed_instance(
    world: EnvoyWorld,
) -> None:
    load = await live(world, 2, method="POST", path="/slow", rate=40)
    victim = min((await world.router.observe()).pools[OLD.name].endpoints)
    async with load.running():
        await load.until(40)
        begun = next(h.active for h in (await world.router.admin.pools())[OLD.name] if h.endpoint == victim)
        world.kill(victim)
        await load.until(80)
    failed = sum(load.failed().values())
    assert 0 < failed <= begun + 2  # at most what was in flight there, and what came in between


@played
async def test_closing_the_front_door_lets_requests_end(world: EnvoyWorld) -> None:
    await live(world)
    slow = asyncio.create_task(world.ask("/slow"))

    async def it_is_in_flight() -> bool:
        return any(host.active for host in (await world.router.admin.pools())[OLD.name])

    await eventually(it_is_in_flight)
    await world.router.shutdown(timedelta(seconds=5))
    assert (await slow)[0] == 200
    assert (await world.router.observe()).entry == ""
