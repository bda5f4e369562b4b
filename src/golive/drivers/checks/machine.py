"""The machine: programs, room on the disk, and a clock that goes right."""

import asyncio
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from golive.drivers.checks.faults import every
from golive.evidence.claim import Exercised

OLDEST_S = 1_767_225_600  # 2026-01-01: no clock that goes right shows less
PAUSE_S = 0.2
SAMPLES = 15
MOST_DRIFT_S = 0.05  # between wall clock and monotonic clock over the pause
MORE_THAN_ANY_MIB = 2**40
ASKING_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class MachineReady:
    """Looks programs up, measures free space, compares two clocks. `wall` tells the seconds since 1970."""

    root: Path
    programs: Sequence[str]
    least_free_mib: int
    wall: Callable[[], float] = time.time
    claim: str = "machine-ready"

    async def exercise(self) -> Exercised:
        free = shutil.disk_usage(self.root).free // 2**20
        faults = [f"{name} is not on the PATH" for name in self.programs if not self._is_here(name)]
        faults += [f"{free} MiB free, {self.least_free_mib} are needed"] if free < self.least_free_mib else []
        faults += await self._faults_of_clock()
        if faults:
            return Exercised(answer="refuted", because="; ".join(faults), next="golive doctor")
        names, kept = ", ".join(self.programs) or "none needed", _time_service()
        because = f"programs: {names}; {free} MiB free; the clock goes right (kept by a time service: {kept})"
        return Exercised(answer="proven", because=because, facts={"free_mib": free, "time_service": kept})

    async def control(self, scratch: str) -> Exercised:
        """A machine that lacks nothing but one thing, for each thing."""
        lacks_nothing = replace(self, root=Path(scratch), programs=(), least_free_mib=0)
        jumps = _jumping(self.wall())
        planted = {
            "a missing program": replace(lacks_nothing, programs=("no-such-program",)),
            "a full disk": replace(lacks_nothing, least_free_mib=MORE_THAN_ANY_MIB),
            "a clock that shows 1970": replace(lacks_nothing, wall=time.monotonic),
            "a clock that jumps": replace(lacks_nothing, wall=lambda: next(jumps)),
        }
        return await every({fault: machine.exercise() for fault, machine in planted.items()})

    def _is_here(self, name: str) -> bool:
        return shutil.which(name) is not None or ("/" in name and (self.root / name).exists())

    async def _faults_of_clock(self) -> list[str]:
        shown, before = self.wall(), self._offset_s()
        await asyncio.sleep(PAUSE_S)
        drift = abs(self._offset_s() - before)
        faults = [f"the clock shows the year {time.gmtime(shown).tm_year}"] if shown < OLDEST_S else []
        return faults + (
            [f"the clock jumped by {drift:.2f} s while it was watched"] if drift > MOST_DRIFT_S else []
        )

    def _offset_s(self) -> float:
        """Between the clocks: the median of several looks, since the machine may pause between two readings."""
        return statistics.median(self.wall() - time.monotonic() for _ in range(SAMPLES))


def _jumping(now: float) -> Iterator[float]:
    """A clock that gains an hour at every look."""
    while True:
        now += 3600
        yield now


def _time_service() -> str:
    """What the system says of itself, yes or no. A clock that nobody keeps may go right: it refutes nothing."""
    asked = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        told = subprocess.run(asked, capture_output=True, timeout=ASKING_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    word = told.stdout.decode(errors="replace").strip()
    return word if told.returncode == 0 and word in ("yes", "no") else "unknown"
