"""Running an outside engine: its files into a folder of its own, no shell, a time limit, its output read."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from golive.drivers.load.engines.ask import Asked, Call, Engine
from golive.drivers.load.engines.k6 import K6
from golive.drivers.load.engines.locust import Locust
from golive.drivers.load.engines.oha import Oha
from golive.drivers.load.engines.wrk import Wrk
from golive.errors import Exit, Failure
from golive.judge.performance.measured import Measured

ENGINES: dict[str, Engine] = {one.name: one for one in (Locust(), K6(), Oha(), Wrk())}
INSTALL = {
    "locust": "pip install locust",
    "k6": "see grafana.com/docs/k6",
    "oha": "cargo install oha",
    "wrk": "apt install wrk",
}
GRACE_S = 60.0  # beyond the load, to start, to end and to count
JOIN_S = 120.0  # for workers on other machines
VERSION_S = 20.0
END_S = 10.0
MOST_OUTPUT = 64 * 1024 * 1024
TELL_S = 1.0


async def measure(engine: str, asked: Asked, watch: Callable[[float], None]) -> Measured:
    """Make the load with an outside engine. `watch` hears how many seconds have passed.

    `Failure` when it is not installed, ends with a fault, takes much too long, or prints what cannot be read.
    """
    chosen = ENGINES[engine]
    program = shutil.which(engine)
    if not program:
        raise _failure(engine, "it is not installed", "no program of that name is on PATH", INSTALL[engine])
    version = chosen.version((await _output(engine, Call(command=(program, *_version(engine))), VERSION_S))[0])
    call = chosen.call(program, asked)
    output, _ = await _output(engine, call, _limit_s(asked), watch)
    try:
        return chosen.read(output, asked, version)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        what = f"version {version} printed what golive cannot read"
        raise _failure(engine, what, repr(error)[:200], "use another version, or engine: golive") from error


def _limit_s(asked: Asked) -> float:
    return asked.seconds + asked.timeout_s + GRACE_S + (JOIN_S if asked.workers else 0.0)


def _version(engine: str) -> tuple[str, ...]:
    return {"k6": ("version",), "wrk": ("-v",)}.get(engine, ("--version",))


async def _output(
    engine: str, call: Call, limit_s: float, watch: Callable[[float], None] | None = None
) -> tuple[str, int]:
    """What it prints. `wrk -v` ends with 1, so an exit code counts only where a load was made."""
    with tempfile.TemporaryDirectory(prefix="golive-load-") as folder:
        for name, text in call.files.items():
            path = Path(folder) / name
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            *call.command,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )
        telling = asyncio.ensure_future(_tell(watch)) if watch else None
        try:
            async with asyncio.timeout(limit_s):
                out, err = await child.communicate()
        except TimeoutError:
            raise _failure(
                engine, f"it did not end within {limit_s:g} s", "it was ended", "try it by hand"
            ) from None
        finally:
            if telling:
                telling.cancel()
            await _end(child)
    said = err[:MOST_OUTPUT].decode(errors="replace")
    if watch and child.returncode:
        why = said.strip().rpartition("\n")[2] or f"exit code {child.returncode}"
        raise _failure(engine, f"it failed with exit code {child.returncode}", why[:300], "try it by hand")
    return out[:MOST_OUTPUT].decode(errors="replace") + ("" if watch else said), child.returncode or 0


async def _tell(watch: Callable[[float], None]) -> None:
    seconds = 0.0
    while True:
        await asyncio.sleep(TELL_S)
        seconds += TELL_S
        watch(seconds)


async def _end(child: asyncio.subprocess.Process) -> None:
    """It and what it started, by the group that is its own."""
    if child.returncode is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await child.wait()
                return


def _failure(engine: str, what: str, why: str, next_step: str) -> Failure:
    return Failure(where=f"load engine {engine}", what=what, why=why, next=next_step, code=Exit.USAGE)
