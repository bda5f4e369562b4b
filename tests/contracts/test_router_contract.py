"""What every router promises, asked of a real Envoy before real processes and of the simulated one."""

from pathlib import Path

import pytest

from golive.errors import Failure
from golive.release.target import Routing
from router_worlds import NEW, OLD, EnvoyWorld, SimulatedWorld, eventually, played

RouterWorld = EnvoyWorld | SimulatedWorld


@pytest.fixture(params=["simulated", pytest.param("envoy", marks=pytest.mark.real)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> RouterWorld:
    return (
        SimulatedWorld() if request.param == "simulated" else EnvoyWorld(folder=tmp_path / "production" / "envoy")
    )


@played
async def test_nothing_is_live_before_anything_was_asked(world: RouterWorld) -> None:
    seen = await world.router.observe()
    assert dict(seen.weights) == {}
    assert dict(seen.pools) == {}


@played
async def test_an_attached_revision_is_healthy_and_has_no_traffic(world: RouterWorld) -> None:
    endpoints = world.start(OLD, 2)
    await world.router.attach(OLD, endpoints)
    seen = await world.router.observe()
    assert seen.pools[OLD.name].endpoints == endpoints
    assert seen.pools[OLD.name].healthy == 2
    assert dict(seen.weights) == {}
    assert seen.entry.startswith("http://")
    assert seen.header


@played
async def test_the_first_revision_takes_everything(world: RouterWorld) -> None:
    await world.router.attach(OLD, world.start(OLD, 1))
    await world.router.shift(OLD, None, 100)
    assert dict((await world.router.observe()).weights) == {OLD.name: 100}


@played
async def test_a_share_for_a_single_revision_is_refused(world: RouterWorld) -> None:
    await world.router.attach(OLD, world.start(OLD, 1))
    with pytest.raises(Failure):
        await world.router.shift(OLD, None, 50)
    assert dict((await world.router.observe()).weights) == {}


@pytest.mark.parametrize("weight", [1, 10, 50, 99])
def test_weights_are_read_back_and_sum_to_100(world: RouterWorld, weight: int) -> None:
    async def steps(world: RouterWorld) -> None:
        await both_attached(world)
        await world.router.shift(NEW, OLD, weight)
        seen = await world.router.observe()
        assert dict(seen.weights) == {NEW.name: weight, OLD.name: 100 - weight}

    played(steps)(world)


@pytest.mark.parametrize(("weight", "only"), [(0, OLD.name), (100, NEW.name)])
def test_a_revision_without_weight_is_not_listed(world: RouterWorld, weight: int, only: str) -> None:
    async def steps(world: RouterWorld) -> None:
        await both_attached(world)
        await world.router.shift(NEW, OLD, weight)
        assert dict((await world.router.observe()).weights) == {only: 100}

    played(steps)(world)


@played
async def test_withdrawing_leaves_no_revision_live(world: RouterWorld) -> None:
    await world.router.attach(NEW, world.start(NEW, 1))
    await world.router.shift(NEW, None, 100)
    await world.router.shift(NEW, None, 0)
    assert dict((await world.router.observe()).weights) == {}


@played
async def test_a_weight_for_a_revision_that_is_not_attached_is_refused(world: RouterWorld) -> None:
    await world.router.attach(OLD, world.start(OLD, 1))
    await world.router.shift(OLD, None, 100)
    with pytest.raises(Failure, match="cannot take traffic"):
        await world.router.shift(NEW, OLD, 10)
    assert dict((await world.router.observe()).weights) == {OLD.name: 100}


@played
async def test_a_weight_for_a_revision_whose_instances_died_is_refused(world: RouterWorld) -> None:
    endpoints = world.start(NEW, 2)
    await world.router.attach(OLD, world.start(OLD, 1))
    await world.router.attach(NEW, endpoints)
    await world.router.shift(OLD, None, 100)
    for endpoint in endpoints:
        world.kill(endpoint)

    async def none_is_healthy() -> bool:
        return (await world.router.observe()).pools[NEW.name].healthy == 0

    await eventually(none_is_healthy)
    with pytest.raises(Failure, match="cannot take traffic"):
        await world.router.shift(NEW, OLD, 10)
    assert dict((await world.router.observe()).weights) == {OLD.name: 100}


@played
async def test_the_last_endpoint_of_a_live_revision_cannot_be_removed(world: RouterWorld) -> None:
    endpoints = world.start(OLD, 1)
    await world.router.attach(OLD, endpoints)
    await world.router.shift(OLD, None, 100)
    with pytest.raises(Failure, match="cannot be removed"):
        await world.router.attach(OLD, frozenset())
    assert (await world.router.observe()).pools[OLD.name].endpoints == endpoints


@played
async def test_a_revision_without_weight_can_be_removed(world: RouterWorld) -> None:
    await both_attached(world)
    await world.router.shift(NEW, OLD, 100)
    await world.router.attach(OLD, frozenset())
    seen = await world.router.observe()
    assert set(seen.pools) == {NEW.name}
    assert dict(seen.weights) == {NEW.name: 100}


@played
async def test_removing_what_was_never_attached_is_fine(world: RouterWorld) -> None:
    await world.router.attach(OLD, frozenset())
    await world.router.attach(NEW, world.start(NEW, 1))
    await world.router.attach(OLD, frozenset())
    assert set((await world.router.observe()).pools) == {NEW.name}


@played
async def test_the_pool_is_exactly_what_was_asked_for_last(world: RouterWorld) -> None:
    first, second = world.start(OLD, 2), world.start(OLD, 2)
    kept = frozenset(list(first)[:1])
    for wanted in (first, first | second, kept | second, second):
        await world.router.attach(OLD, wanted)
        pool = (await world.router.observe()).pools[OLD.name]
        assert pool.endpoints == wanted
        assert pool.healthy == len(wanted)


@played
async def test_attaching_leaves_weights_as_they_are(world: RouterWorld) -> None:
    await both_attached(world)
    await world.router.shift(NEW, OLD, 30)
    await world.router.attach(NEW, world.start(NEW, 2))
    assert dict((await world.router.observe()).weights) == {NEW.name: 30, OLD.name: 70}


@played
async def test_every_verb_can_be_repeated(world: RouterWorld) -> None:
    old, new = world.start(OLD, 1), world.start(NEW, 1)

    async def everything() -> Routing:
        await world.router.attach(OLD, old)
        await world.router.attach(NEW, new)
        await world.router.shift(NEW, OLD, 20)
        return await world.router.observe()

    assert await everything() == await everything()


@played
async def test_another_command_sees_the_same_routing(world: RouterWorld) -> None:
    await both_attached(world)
    await world.router.shift(NEW, OLD, 40)
    assert await world.another().observe() == await world.router.observe()


async def both_attached(world: RouterWorld) -> None:
    await world.router.attach(OLD, world.start(OLD, 1))
    await world.router.attach(NEW, world.start(NEW, 1))
