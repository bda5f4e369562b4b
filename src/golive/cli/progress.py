"""What a person sees on stderr while a rollout goes on: one line per step, and on a terminal what it waits for.

The line's shape: time since the start, what happened, and its reason when it failed.
"""

import sys
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from golive.cli.answer import plain
from golive.controller.drive import Moment
from golive.release.steps import Shift

if TYPE_CHECKING:
    from rich.status import Status

MARKS = {"ok": "✓", "failed": "✗", "unknown": "?"}


class Progress:
    """A watcher for `controller.drive`. Use as a context manager; quiet when `quiet`."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._began = time.monotonic()
        self._quiet = quiet
        self._waiting = ""
        self._turned = False
        self._live: Status | None = None

    def __enter__(self) -> "Progress":
        self._screen().__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def line(self, text: str) -> None:
        """One line with the time since the start."""
        if not self._quiet:
            print(plain(f"{time.monotonic() - self._began:7.1f} s  {text}"), file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """A line when there is something to say."""
        if text:
            self.line(f"! {text}")

    def __call__(self, moment: Moment) -> None:
        rollout = moment.past.rollout
        if rollout and rollout.turn and not self._turned:
            self._turned = True
            self.line(f"↩ turning back: {rollout.turn.because}")
        if moment.ended:
            self._step(moment)
        elif moment.plan.waiting_on:
            text = moment.plan.waiting_on.text + (f" ({moment.blind})" if moment.blind else "")
            if text != self._waiting:
                self._wait(text)

    def _screen(self) -> AbstractContextManager[object]:
        if self._quiet or not sys.stderr.isatty():
            return nullcontext()
        from rich.console import Console

        self._live = Console(stderr=True).status("looking")
        return self._live

    def _step(self, moment: Moment) -> None:
        assert moment.ended
        step, ended = moment.ended
        said = f": {ended.because}" if ended.because else ""
        mark = MARKS[ended.result] if ended.answer != "fail" else MARKS["failed"]
        bar = f"  {_bar(step.weight)}" if isinstance(step, Shift) else ""
        self.line(f"{mark} {step.text}{bar}{said}")
        self._waiting = ""

    def _wait(self, text: str) -> None:
        """On a terminal the newest reason stays on one line; elsewhere each new kind of wait is a line."""
        if self._live:
            self._live.update(plain(text))
        elif text.split("(")[0] != self._waiting.split("(")[0]:
            self.line(f"… {text}")
        self._waiting = text


def _bar(weight: int) -> str:
    filled = round(weight / 10)
    return "█" * filled + "░" * (10 - filled)
