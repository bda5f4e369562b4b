"""The machine: programs, room on the disk, and a clock that goes right."""

import shutil
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from golive.evidence.claim import Exercised

LEAST_FREE_MIB = 512
OLDEST_S = 1_767_225_600  # 2026-01-01: no clock that goes right shows less
PAUSE_S = 0.2
SAMPLES = 15
MOST_DRIFT_S = 0.05  # between wall clock and monotonic clock over the pause


@dataclass(frozen=True, kw_only=True)
class MachineReady:
    """Looks programs up, measures free space, compares two clocks."""

    root: Path
    programs: Sequence[str]
    least_free_mib: int = LEAST_FREE_MIB
    claim: str = "machine-ready"

    async def exercise(self) -> Exercised:
        faults = [*self._programs(), *self._room(), *_clock()]
        if faults:
            return Exercised(answer="refuted", because="; ".join(faults), next="golive doctor")
        free = shutil.disk_usage(self.root).free // 2**20
        names = ", ".join(self.programs) or "none needed"
        return Exercised(answer="proven", because=f"programs: {names}; {free} MiB free; the clock goes right")

    async def control(self, scratch: str) -> Exercised:
        poor = replace(self, root=Path(scratch), programs=("no-such-program",), least_free_mib=2**40)
        return await poor.exercise()

    def _programs(self) -> list[str]:
        def is_here(name: str) -> bool:
            return shutil.which(name) is not None or ("/" in name and (self.root / name).exists())

        return [f"{name} is not on the PATH" for name in self.programs if not is_here(name)]

    def _room(self) -> list[str]:
        free = shutil.disk_usage(self.root).free // 2**20
        return [f"{free} MiB free, {self.least_free_mib} are needed"] if free < self.least_free_mib else []


def _clock() -> list[str]:
    wall, before = time.time(), _offset_s()
    time.sleep(PAUSE_S)
    drift = abs(_offset_s() - before)
    faults = [f"the clock shows the year {time.gmtime(wall).tm_year}"] if wall < OLDEST_S else []
    return faults + ([f"the clock jumped by {drift:.2f} s while it was watched"] if drift > MOST_DRIFT_S else [])


def _offset_s() -> float:
    """Between the two clocks: the median of several looks, since the machine may pause between two readings."""
    return statistics.median(time.time() - time.monotonic() for _ in range(SAMPLES))
