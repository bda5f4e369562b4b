"""What every target promises, asked of real processes under supervisord and of the simulated target."""

from datetime import timedelta
from pathlib import Path

import pytest

from golive.errors import Failure
from target_worlds import LocalWorld, SimulatedTargetWorld, TargetWorld, all_ready, indices, played

DRAIN = timedelta(seconds=5)


@pytest.fixture(params=["simulated", pytest.param("local", marks=pytest.mark.real)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> TargetWorld:
    return SimulatedTargetWorld() if request.param == "simulated" else LocalWorld(tmp_path)


@played
async def test_nothing_runs_before_anything_was_asked(world: TargetWorld) -> None:
    assert await world.target.observe() == ()


@played
async def test_started_instances_become_ready_each_at_an_address_of_its_own(world: TargetWorld) -> None:
    revision = await world.revision()
    await world.target.prepare(revision)
    await world.target.start(revision, 3)
    seen = await world.until(all_ready(3))
    assert indices(seen, revision) == [0, 1, 2]
    assert len({instance.endpoint for instance in seen if instance.endpoint}) == 3


@played
async def test_starting_again_changes_nothing(world: TargetWorld) -> None:
    revision = await world.revision()
    await world.target.start(revision, 2)
    before = await world.until(all_ready(2))
    await world.target.start(revision, 2)
    await world.target.start(revision, 1)
    after = await world.target.observe()
    assert [(i.index, i.endpoint, i.started_at) for i in after] == [
        (i.index, i.endpoint, i.started_at) for i in before
    ]


@played
async def test_another_command_finds_them_ready_at_its_first_look(world: TargetWorld) -> None:
    revision = await world.revision()
    await world.target.start(revision, 2)
    before = await world.until(all_ready(2))
    later = world.another()
    found = await world.until(all_ready(2), later)
    assert [i.endpoint for i in found] == [i.endpoint for i in before]
    await later.start(revision, 2)
    assert [i.started_at for i in await later.observe()] == [i.started_at for i in before]


@played
async def test_an_instance_that_fails_its_check_is_never_ready(world: TargetWorld) -> None:
    revision = await world.revision(fault="sick")
    await world.target.start(revision, 1)
    (seen,) = await world.until(lambda seen: bool(seen and seen[0].why))
    assert not seen.ready


@played
async def test_an_instance_is_not_ready_before_it_answered(world: TargetWorld) -> None:
    await world.target.start(await world.revision(fault="slow"), 1)
    (first,) = await world.target.observe()
    assert not first.ready
    (last,) = await world.until(all_ready(1))
    assert last.endpoint == first.endpoint


@played
async def test_an_instance_that_crashes_on_start_fails_with_a_reason(world: TargetWorld) -> None:
    revision = await world.revision(fault="crash")
    await world.target.start(revision, 1)
    (seen,) = await world.until(lambda seen: bool(seen) and seen[0].phase == "failed")
    assert not seen.ready
    assert seen.why


@played
async def test_more_can_be_started_later(world: TargetWorld) -> None:
    revision = await world.revision()
    await world.target.start(revision, 1)
    (first,) = await world.until(all_ready(1))
    await world.target.start(revision, 3)
    seen = await world.until(all_ready(3))
    assert seen[0].endpoint == first.endpoint


@played
async def test_stopping_keeps_the_lowest(world: TargetWorld) -> None:
    revision = await world.revision()
    await world.target.start(revision, 3)
    await world.until(all_ready(3))
    await world.target.stop(revision, 1, DRAIN)
    assert indices(await world.target.observe(), revision) == [0]
    await world.target.stop(revision, 1, DRAIN)
    assert indices(await world.target.observe(), revision) == [0]
    await world.target.stop(revision, 0, DRAIN)
    assert await world.target.observe() == ()


@played
async def test_stopping_one_revision_leaves_the_other(world: TargetWorld) -> None:
    old, new = await world.revision("1"), await world.revision("2")
    await world.target.start(old, 2)
    await world.target.start(new, 1)
    await world.until(all_ready(3))
    await world.target.stop(old, 0, DRAIN)
    seen = await world.target.observe()
    assert (indices(seen, old), indices(seen, new)) == ([], [0])


@played
async def test_stopping_what_is_unknown_is_fine(world: TargetWorld) -> None:
    await world.target.stop(await world.revision(), 0, DRAIN)
    assert await world.target.observe() == ()


@played
async def test_a_changed_byte_is_refused_when_prepared_and_when_started(world: TargetWorld) -> None:
    revision = await world.revision()
    await world.target.prepare(revision)
    world.corrupt(revision)
    with pytest.raises(Failure, match="hash"):
        await world.target.prepare(revision)
    with pytest.raises(Failure, match="hash"):
        await world.target.start(revision, 1)
    assert await world.target.observe() == ()
