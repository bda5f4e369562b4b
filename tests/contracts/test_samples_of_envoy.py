"""What a real Envoy counts of real requests, read as samples."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from golive.drivers.metrics.envoy import EnvoySamples
from golive.judge.samples import Samples
from router_worlds import NEW, OLD, EnvoyWorld, Load, eventually, played

pytestmark = pytest.mark.real

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> EnvoyWorld:
    return EnvoyWorld(folder=tmp_path / "production" / "envoy")


class Sampled:
    """A world with OLD live, NEW attached, and one reading taken."""

    def __init__(self, world: EnvoyWorld) -> None:
        self.world = world
        self.source = EnvoySamples(database=world.folder.parent / "metrics.sqlite3", admin=world.router.admin)

    async def ready(self) -> "Sampled":
        await self.world.router.attach(OLD, self.world.start(OLD, 1))
        await self.world.router.attach(NEW, self.world.start(NEW, 1))
        await self.world.router.shift(OLD, None, 100)
        await self.read()
        return self

    async def read(self) -> Samples:
        return await self.source.read([OLD.name, NEW.name], LONG_AGO)

    async def totals(self) -> dict[str, tuple[int, int, int]]:
        """Revision → requests, errors, requests with a latency."""
        found: dict[str, tuple[int, int, int]] = {OLD.name: (0, 0, 0), NEW.name: (0, 0, 0)}
        for tick in (await self.read()).ticks:
            mine = (tick.requests, tick.errors, sum(tick.latency))
            found[tick.revision] = tuple(a + b for a, b in zip(found[tick.revision], mine, strict=True))
        return found


@played
async def test_users_requests_and_errors_are_counted_for_the_revision_that_served_them(world: EnvoyWorld) -> None:
    sampled = await Sampled(world).ready()
    for path in ["/"] * 7 + ["/bad"] * 3:
        await world.ask(path)
    requests, errors, _ = (await sampled.totals())[OLD.name]
    assert (requests, errors) == (10, 3)
    assert (await sampled.totals())[NEW.name] == (0, 0, 0)


@played
async def test_marked_requests_are_not_users(world: EnvoyWorld) -> None:
    sampled = await Sampled(world).ready()
    for revision in (OLD, NEW):
        for path in ("/", "/bad", "/health"):
            await world.ask(path, x_golive_revision=revision.name)
    await world.ask("/")
    requests = {name: counts[:2] for name, counts in (await sampled.totals()).items()}
    assert requests == {OLD.name: (1, 0), NEW.name: (0, 0)}


@pytest.mark.parametrize("claim", [{"x_envoy_internal": "true"}, {"x_forwarded_for": "10.0.0.1"}])
def test_a_user_cannot_slip_out_of_the_count(world: EnvoyWorld, claim: dict[str, str]) -> None:
    async def steps(world: EnvoyWorld) -> None:
        sampled = await Sampled(world).ready()
        await world.ask("/bad", **claim)
        assert (await sampled.totals())[OLD.name][:2] == (1, 1)

    played(steps)(world)


@played
async def test_requests_that_no_instance_answered_are_errors(world: EnvoyWorld) -> None:
    sampled = await Sampled(world).ready()
    (endpoint,) = (await world.router.observe()).pools[OLD.name].endpoints
    world.kill(endpoint)
    codes = [(await world.ask())[0] for _ in range(5)]
    assert set(codes) == {503}
    assert (await sampled.totals())[OLD.name][:2] == (5, 5)


@played
async def test_latencies_arrive_with_a_bound_at_the_objective(world: EnvoyWorld) -> None:
    sampled = await Sampled(world).ready()
    await world.ask("/")
    await world.ask("/slow")  # 500 ms; the objective of these worlds is 300 ms

    async def both_have_arrived() -> bool:
        return (await sampled.totals())[OLD.name][2] == 2

    await eventually(both_have_arrived)
    found = await sampled.read()
    assert 300 in found.bounds_ms
    place = found.bounds_ms.index(300) + 1
    ticks = [tick for tick in found.ticks if tick.revision == OLD.name]
    assert sum(sum(tick.latency[:place]) for tick in ticks) == 1
    assert sum(sum(tick.latency[place:]) for tick in ticks) == 1


@played
async def test_a_restart_of_envoy_is_noted_and_invents_nothing(world: EnvoyWorld) -> None:
    sampled = await Sampled(world).ready()
    for _ in range(5):
        await world.ask()
    assert (await sampled.totals())[OLD.name][0] == 5
    await world.kill_envoy()
    await world.router.shift(OLD, None, 100)  # waits until it is back
    for _ in range(3):
        await world.ask()
    await sampled.read()
    await world.ask()
    found = await sampled.read()
    assert f"counters of {OLD.name} were reset" in found.note
    assert sum(tick.requests for tick in found.ticks if tick.revision == OLD.name) == 6


@played
async def test_every_request_is_counted_once_through_shifts_and_a_killed_instance(world: EnvoyWorld) -> None:
    """Retries hide a dead instance from users; they must not appear as further requests either."""
    sampled = await Sampled(world).ready()
    await world.router.attach(OLD, world.start(OLD, 2))
    seen = await world.router.observe()
    load = Load(port=int(seen.entry.rsplit(":", 1)[1]), rate=300)
    async with load.running():
        for weight in (10, 50, 90):
            await world.router.shift(NEW, OLD, weight)
            await load.until(60)
        world.kill(min(seen.pools[OLD.name].endpoints))
        await load.until(100)
    counted = (await sampled.totals()).values()
    assert load.failed() == {}
    assert sum(requests for requests, _, _ in counted) == load.sent


@played
async def test_without_a_front_door_there_is_a_note(world: EnvoyWorld) -> None:
    sampled = await Sampled(world).ready()
    await world.router.shutdown(timedelta(seconds=1))
    found = await sampled.read()
    assert found.ticks == ()
    assert "does not answer" in found.note
