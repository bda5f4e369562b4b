"""A timer that is exact to some microseconds, where event loops round to milliseconds.

On Linux it is a timerfd that the loop watches; elsewhere the loop's own timer, so lateness is a millisecond more.
"""

import asyncio
import contextlib
import ctypes
import os
import sys
from collections.abc import Callable

SECOND_NS = 1_000_000_000
CLOCK_MONOTONIC = 1
NONBLOCK_CLOEXEC = os.O_NONBLOCK | os.O_CLOEXEC
ABSOLUTE = 1


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


class Alarm:
    """Calls `ring` once at each time that it was set to."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._loop, self._ring = asyncio.get_running_loop(), ring
        self._handle: asyncio.TimerHandle | None = None
        self._setting = _Setting()
        self._file = -1
        if sys.platform == "linux":
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._file = int(self._libc.timerfd_create(CLOCK_MONOTONIC, NONBLOCK_CLOEXEC))
        if self._file >= 0:
            self._loop.add_reader(self._file, self._rung)

    def at(self, monotonic_ns: int) -> None:
        """Ring then; a time that has passed rings at once."""
        if self._file < 0:
            self._handle = self._loop.call_at(monotonic_ns / SECOND_NS, self._ring)
            return
        self._setting.value.seconds, self._setting.value.nanoseconds = divmod(monotonic_ns, SECOND_NS)
        self._libc.timerfd_settime(self._file, ABSOLUTE, ctypes.byref(self._setting), None)

    def close(self) -> None:
        """Ring no more."""
        if self._handle:
            self._handle.cancel()
        if self._file >= 0:
            self._loop.remove_reader(self._file)
            os.close(self._file)
            self._file = -1

    def _rung(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._file, 8)
        self._ring()
