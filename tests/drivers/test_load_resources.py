"""What a service uses under load, by its processes and by its own word."""

import asyncio
import subprocess
import sys

import pytest

from golive.drivers.load.resources import Processes, ResourceWatch
from golive.judge.probe import Reply

PYTHON = 'python_gc_collections_total{generation="0"} %d\npython_gc_collections_total{generation="1"} 1.0\n'
GO = "# HELP x\ngo_gc_duration_seconds_sum %f\ngo_gc_duration_seconds_count %d\nother NaN\n"


class Told:
    """A prober that gives one answer after the other."""

    def __init__(self, *texts):
        self.texts = list(texts)

    async def call(self, request):
        text = self.texts.pop(0)
        return Reply(code=200, text=text) if text is not None else Reply(code=0, fault="refused")


@pytest.fixture
def process():
    """One that has a child, and both spend time."""
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
    child = subprocess.Popen([sys.executable, "-c", code])
    yield child
    import psutil

    for one in (*psutil.Process(child.pid).children(recursive=True), psutil.Process(child.pid)):
        one.kill()
    child.wait()


def looks(prober, pids, *times, urls=()):
    async def where():
        return Processes(pids=pids, urls=urls)

    watch = ResourceWatch(where=where, prober=prober)

    async def all_of_them():
        found = []
        for at in times:
            found.append(await watch.look(at))
            await asyncio.sleep(0.3)
        return found

    return asyncio.run(all_of_them())


def test_processes_are_added_up_with_all_that_they_started(process):
    first, *_, last = found = looks(Told(), [process.pid], *range(6))
    assert first.cpu_cores is None
    assert last.memory_bytes > 5_000_000
    assert max(one.cpu_cores for one in found[1:]) > 0
    assert last.files > 0
    assert last.threads >= 2
    assert last.gc_runs is None


def test_garbage_collection_is_read_where_it_is_shown(process):
    prober = Told(PYTHON % 10, GO % (1.0, 5), PYTHON % 30, GO % (1.5, 7))
    _, second = looks(prober, [process.pid], 0.0, 2.0, urls=("a", "b"))
    assert second.gc_runs == pytest.approx((20 + 2) / 2)
    assert second.gc_s == pytest.approx(0.25)


def test_a_counter_that_began_anew_and_an_instance_that_does_not_answer_count_nothing(process):
    _, second, third = looks(Told(PYTHON % 10, PYTHON % 2, None), [process.pid], 0.0, 1.0, 2.0, urls=("a",))
    assert second.gc_runs == 0
    assert third.gc_runs is None


def test_where_no_process_is_nothing_is_said():
    assert looks(Told(), [], 0.0) == [None]
    assert looks(Told(), [2**22 + 1], 0.0) == [None]
