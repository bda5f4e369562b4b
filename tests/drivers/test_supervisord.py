"""Programs under a real supervisord: what may be in them, who finds them, how they end."""

import asyncio
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from functools import wraps
from pathlib import Path

import psutil
import pytest

from golive.drivers.supervision import Program, Running
from golive.drivers.supervisors import place as places
from golive.drivers.supervisors.group import Group
from golive.drivers.supervisors.launch import _birth_by_ps, birth
from golive.drivers.supervisors.rotate import rotate
from golive.drivers.supervisors.supervisord import Supervisord
from golive.errors import Failure

pytestmark = pytest.mark.real

PATIENCE_S = 30
NOW = timedelta(0)
SLEEPS = ("sleep", "600")


class Yard:
    """A supervisor in a folder, and programs for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.supervisor = Supervisord(folder / "supervisor")

    def program(self, name: str = "web-0", command: tuple[str, ...] = SLEEPS, **more: object) -> Program:
        wanted: dict[str, object] = {
            "env": {"PATH": os.environ["PATH"]},
            "folder": str(self.folder),
            "log": str(self.folder / "logs" / f"{name}.log"),
            "drain": timedelta(seconds=5),
        }
        return Program(name=name, command=command, **{**wanted, **more})  # type: ignore[arg-type]

    def python(self, text: str, *arguments: str, **more: object) -> Program:
        return self.program(command=(sys.executable, "-S", "-c", text, *arguments), **more)

    async def until(self, name: str, is_true: Callable[[Running | None], bool]) -> Running | None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = (await self.supervisor.programs()).get(name)
            if is_true(found):
                return found
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.02)

    async def log(self, name: str, text: str) -> str:
        """The log of a program, once the text is in it."""
        deadline = time.monotonic() + PATIENCE_S
        path = self.folder / "logs" / f"{name}.log"
        while True:
            said = path.read_text() if path.exists() else ""
            if text in said:
                return said
            assert time.monotonic() < deadline, said
            await asyncio.sleep(0.02)

    def daemon(self) -> int:
        return int(json.loads((self.supervisor.folder / "daemon.run").read_text())["pid"])

    async def kill_daemon(self) -> None:
        daemon = psutil.Process(self.daemon())
        daemon.kill()
        await asyncio.to_thread(daemon.wait, PATIENCE_S)

    async def end(self) -> None:
        for name in await self.supervisor.programs():
            await self.supervisor.remove(name, NOW)
        await self.supervisor.shutdown()


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def played(test: Callable[..., Coroutine[object, object, None]]) -> Callable[..., None]:
    @wraps(test)
    def play(yard: Yard, **others: object) -> None:
        async def to_the_end() -> None:
            try:
                await test(yard, **others)
            finally:
                await yard.end()

        asyncio.run(to_the_end())

    return play


def is_up(found: Running | None) -> bool:
    return bool(found and found.pid and birth(found.pid))


@played
async def test_looking_and_removing_start_nothing_and_make_nothing(yard: Yard) -> None:
    assert await yard.supervisor.programs() == {}
    await yard.supervisor.remove("web-0", NOW)
    await yard.supervisor.shutdown()
    assert not yard.supervisor.folder.exists()


ODD = [
    "%(ENV_HOME)s",
    "a;b # c",
    "$(touch planted)",
    "`touch planted`",
    "line\nbreak",
    "[program:x]",
    "ü'\"\\ ",
    "",
]


@played
async def test_whatever_is_in_a_command_arrives_as_it_is(yard: Yard) -> None:
    text = "import os,sys,json; print(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()])); input()"
    folder = yard.folder / "50 % [of] it;"
    folder.mkdir()
    env = {"A": "%(x)s;\n", "B": "ü"}
    await yard.supervisor.ensure(yard.python(text, *ODD, env=env, folder=str(folder), restarts=1))
    arguments, seen, cwd = json.loads((await yard.log("web-0", "\n")).splitlines()[0])
    assert arguments == ODD
    assert {name: value for name, value in seen.items() if name != "LC_CTYPE"} == env, "nothing is inherited"
    assert cwd == str(folder)
    ini = (yard.supervisor.folder / "supervisord.conf").read_text()
    assert not any(odd and odd in ini.replace("%(ENV_GOLIVE", "") for odd in ODD)
    assert not list(yard.folder.rglob("planted"))


@pytest.mark.parametrize("name", ["", "A", "../x", "-x", "a b", "a\nb", "a" * 65, "_rotate", "é"])
def test_other_names_are_refused(yard: Yard, name: str) -> None:
    with pytest.raises(Failure, match="cannot be that of a program"):
        asyncio.run(yard.supervisor.ensure(yard.program(name)))
    assert not yard.supervisor.folder.exists()


@played
async def test_a_program_that_runs_is_adopted_as_it_is(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program(note="first"))
    before = await yard.until("web-0", is_up)
    await yard.supervisor.ensure(yard.program(command=("sleep", "1"), note="second"))
    after = (await Supervisord(yard.supervisor.folder).programs())["web-0"]
    assert before
    assert (after.pid, after.note) == (before.pid, "first")


@played
async def test_asked_for_many_times_at_once_it_is_started_once(yard: Yard) -> None:
    asked = [Supervisord(yard.supervisor.folder).ensure(yard.program()) for _ in range(8)]
    await asyncio.gather(*asked)
    log = (yard.supervisor.folder / "supervisord.log").read_text()
    assert (log.count("supervisord started"), log.count("spawned: 'web-0'")) == (1, 1)


@played
async def test_it_gives_up_after_as_many_quick_ends_as_allowed(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.python("import sys; print('no database'); sys.exit(4)", restarts=2))
    found = await yard.until("web-0", lambda found: bool(found and found.phase == "failed"))
    assert found
    assert found.why == "exit status 4, 2 times; last lines of its log: no database"


@played
async def test_one_that_is_between_two_attempts_is_not_started_again_when_it_is_removed(yard: Yard) -> None:
    journal = yard.supervisor.folder / "supervisord.log"
    await yard.supervisor.ensure(yard.program(command=("false",), restarts=100))
    await yard.until("web-0", lambda found: journal.read_text().count("spawned: 'web-0'") == 3)
    await yard.until("web-0", lambda found: bool(found and not found.pid))  # for three seconds
    await yard.supervisor.remove("web-0", timedelta(seconds=20))
    assert journal.read_text().count("spawned: 'web-0'") == 3
    assert await yard.supervisor.programs() == {}
    assert not list((yard.supervisor.folder / "programs").iterdir())


@played
async def test_a_command_that_does_not_exist_fails_with_that_reason(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program(command=("no-such-program",), restarts=1))
    found = await yard.until("web-0", lambda found: bool(found and found.phase == "failed"))
    assert found
    assert "no-such-program" in found.why
    assert "No such file" in found.why


@played
async def test_a_failed_program_is_replaced_by_the_one_that_is_asked_for_next(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program(command=("false",), restarts=1))
    await yard.until("web-0", lambda found: bool(found and found.phase == "failed"))
    await yard.supervisor.ensure(yard.program())
    assert (await yard.supervisor.programs())["web-0"].phase == "starting"


@played
async def test_signals_that_python_ignores_are_not_ignored_in_programs(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program(command=("cat", "/proc/self/status"), restarts=1))
    said = await yard.log("web-0", "SigIgn")
    ignored = int(next(line for line in said.splitlines() if line.startswith("SigIgn")).split()[1], 16)
    assert not ignored & (1 << signal.SIGPIPE - 1)


@played
async def test_a_program_reads_nothing_and_shares_no_descriptor(yard: Yard) -> None:
    text = "import os, sys; print(sys.stdin.read() == '', sorted(os.listdir('/dev/fd')))"
    await yard.supervisor.ensure(yard.python(text, restarts=1))
    assert "True ['0', '1', '2', '3']" in await yard.log("web-0", "\n")  # 3 is the listing itself


POLITE = """
import signal, sys, time

def stop(number, frame):
    time.sleep(float(sys.argv[1]))
    print("done", flush=True)
    sys.exit()

signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
time.sleep(600)
"""


@played
async def test_removing_waits_for_a_program_that_ends_by_itself(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.python(POLITE, "0.3"))
    await yard.log("web-0", "up")
    await yard.supervisor.remove("web-0", timedelta(seconds=10))
    assert (yard.folder / "logs" / "web-0.log").read_text() == "up\ndone\n"
    assert await yard.supervisor.programs() == {}


@played
async def test_children_are_asked_to_end_at_the_same_time(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.python("import os; os.fork()" + POLITE, "0.1"))
    await yard.log("web-0", "up\nup\n")
    await yard.supervisor.remove("web-0", timedelta(seconds=10))
    assert (yard.folder / "logs" / "web-0.log").read_text() == "up\nup\ndone\ndone\n"


@played
async def test_a_drain_may_be_longer_than_the_one_it_was_added_with(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.python(POLITE, "1.5", drain=timedelta(0)))
    await yard.log("web-0", "up")
    await yard.supervisor.remove("web-0", timedelta(seconds=10))
    assert (yard.folder / "logs" / "web-0.log").read_text() == "up\ndone\n"


@played
async def test_a_supervisor_that_was_killed_is_replaced_and_its_stale_socket_too(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program())
    await yard.kill_daemon()
    before = (await yard.supervisor.programs())["web-0"]
    assert (before.phase, before.why) == ("running", "runs unattended: its supervisor died")
    await yard.supervisor.ensure(yard.program("web-1"))
    found = await yard.supervisor.programs()
    assert sorted(found) == ["web-0", "web-1"]
    assert found["web-0"].pid == before.pid
    await yard.supervisor.ensure(yard.program())
    assert (await yard.supervisor.programs())["web-0"].pid == before.pid, "adopted: ending it would end requests"


@played
async def test_a_supervisor_whose_socket_was_deleted_is_replaced_and_programs_go_on(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program())
    first = yard.daemon()
    places.Place(yard.supervisor.folder).socket.unlink()
    await yard.supervisor.ensure(yard.program("web-1"))
    assert not birth(first)
    assert sorted(await yard.supervisor.programs()) == ["web-0", "web-1"]


@pytest.fixture
def stranger() -> Iterator[int]:
    child = subprocess.Popen(SLEEPS, start_new_session=True)
    yield child.pid
    assert child.poll() is None, "it was ended"
    child.kill()
    child.wait()


@played
async def test_a_stranger_with_the_pid_of_a_program_is_left_alone(yard: Yard, stranger: int) -> None:
    await yard.supervisor.ensure(yard.program())
    await yard.supervisor.shutdown()
    place = places.Place(yard.supervisor.folder)
    place.add(yard.program())
    place.run_of("web-0").write_text(json.dumps({"pid": stranger, "birth": "before the last boot"}))
    assert await yard.supervisor.programs() == {}
    await yard.supervisor.remove("web-0", NOW)


@played
async def test_shutdown_ends_everything_also_what_runs_unattended(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program())
    await yard.kill_daemon()
    await yard.supervisor.ensure(yard.program("web-1"))
    running = [(await yard.until(name, is_up)) for name in ("web-0", "web-1")]
    second = yard.daemon()
    await yard.supervisor.shutdown()
    assert not birth(second)
    assert not any(found and birth(found.pid) for found in running)
    assert await yard.supervisor.programs() == {}
    await yard.supervisor.shutdown()


@played
async def test_what_a_command_left_half_done_is_swept_by_the_next(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program())
    places.Place(yard.supervisor.folder).add(yard.program("web-7", env={"SECRET": "x"}))
    await yard.supervisor.ensure(yard.program("web-1"))
    assert sorted(p.name for p in (yard.supervisor.folder / "programs").glob("*.json")) == [
        "web-0.json",
        "web-1.json",
    ]


@played
async def test_nobody_else_can_read_the_folder(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program())
    assert stat.S_IMODE(yard.supervisor.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((yard.supervisor.folder / "programs" / "web-0.json").stat().st_mode) == 0o600


@pytest.fixture
def short_root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Every path of a socket counts as too long; the short ones are made here."""
    with tempfile.TemporaryDirectory(dir="/tmp") as root:
        monkeypatch.setattr(places, "SHORT_ROOT", Path(root))
        monkeypatch.setattr(places, "LONGEST_SOCKET", 10)
        yield Path(root)


@played
async def test_a_path_that_is_too_long_for_a_socket_gets_a_short_one_that_is_ours_alone(
    yard: Yard, short_root: Path
) -> None:
    await yard.supervisor.ensure(yard.program())
    (short,) = short_root.iterdir()
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    assert sorted(await yard.supervisor.programs()) == ["web-0"]
    await yard.supervisor.shutdown()
    assert list(short_root.iterdir()) == []


@pytest.mark.parametrize("kind", ["link", "open to all"])
def test_a_short_folder_that_somebody_else_prepared_is_refused(yard: Yard, short_root: Path, kind: str) -> None:
    short = places.Place(yard.supervisor.folder).socket.parent
    assert short.parent == short_root
    if kind == "link":
        (yard.folder / "theirs").mkdir(mode=0o700)
        short.symlink_to(yard.folder / "theirs")
    else:
        short.mkdir()
        short.chmod(0o777)
    with pytest.raises(Failure, match="not ours alone"):
        asyncio.run(yard.supervisor.ensure(yard.program()))


@played
async def test_a_supervisor_that_hangs_is_told_and_blocks_nobody(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("golive.drivers.supervisors.rpc.PATIENCE", 0.3)
    await yard.supervisor.ensure(yard.program())
    os.kill(yard.daemon(), signal.SIGSTOP)
    try:
        looking = asyncio.create_task(yard.supervisor.programs())
        beats = 0
        while not looking.done():
            await asyncio.sleep(0.01)
            beats += 1
        assert beats > 10, "the loop goes on meanwhile"
        with pytest.raises(Failure, match="does not answer"):
            await looking
    finally:
        os.kill(yard.daemon(), signal.SIGCONT)


def test_a_log_that_has_grown_is_set_aside_and_written_on(tmp_path: Path) -> None:
    log = tmp_path / "web-0.log"
    with log.open("ab", buffering=0) as writer:
        for round_ in range(5):
            writer.write(b"%d" % round_ * 100)
            rotate(log, most_bytes=99)
        writer.write(b"last")
        rotate(log, most_bytes=99)
    assert log.read_bytes() == b"last"
    parts = {path.name: path.read_bytes()[:1] for path in tmp_path.glob("web-0.log.*")}
    assert parts == {"web-0.log.1": b"4", "web-0.log.2": b"3", "web-0.log.3": b"2"}


@played
async def test_whoever_looks_after_the_logs_ends_with_the_supervisor(yard: Yard) -> None:
    await yard.supervisor.ensure(yard.program())
    (keeper,) = [p for p in psutil.Process(yard.daemon()).children() if "rotate.py" in " ".join(p.cmdline())]
    await yard.kill_daemon()
    await asyncio.to_thread(keeper.wait, PATIENCE_S)


def test_the_group_of_nobody_is_never_signalled() -> None:
    for pid in (0, 1):
        nobody = Group(pid=pid, birth="")
        assert not nobody.lives()
        nobody.kill()


def test_a_process_that_ended_but_was_not_collected_is_not_alive() -> None:
    child = subprocess.Popen(["true"])
    deadline = time.monotonic() + PATIENCE_S
    while birth(child.pid):
        assert time.monotonic() < deadline
    assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    child.wait()


@pytest.mark.skipif(not shutil.which("ps", path="/bin:/usr/bin"), reason="there is no ps")
def test_where_there_is_no_proc_the_birth_is_what_ps_says() -> None:
    child = subprocess.Popen(SLEEPS)
    said = _birth_by_ps(child.pid)
    assert said
    assert said == _birth_by_ps(child.pid)
    child.kill()
    deadline = time.monotonic() + PATIENCE_S
    while _birth_by_ps(child.pid):
        assert time.monotonic() < deadline
    child.wait()
    assert _birth_by_ps(child.pid) == ""
