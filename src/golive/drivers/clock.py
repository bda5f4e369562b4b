"""The real clock, and random identity."""

import asyncio
import functools
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class SystemClock:
    """Implements `controller.outside.Clock`."""

    @property
    def boot(self) -> str:
        return _boot()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def mono_ns(self) -> int:
        return time.monotonic_ns()

    def new_id(self) -> str:
        """Random, and rising with time (the layout of a version 7 UUID, RFC 9562 §5.7)."""
        stamp = (time.time_ns() // 1_000_000) & (2**48 - 1)
        noise = uuid.uuid4().int & (2**80 - 1)
        number = (stamp << 80) | noise
        number = number & ~(0xF << 76) | (7 << 76)
        number = number & ~(0x3 << 62) | (2 << 62)
        return str(uuid.UUID(int=number))

    async def sleep(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds())


@functools.cache
def _boot() -> str:
    """Changes at every boot of the machine; where the kernel does not tell, at every start of golive."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return str(uuid.uuid4())
