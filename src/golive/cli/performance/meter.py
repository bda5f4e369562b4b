"""What a person sees on stderr while a load runs: a line that moves on a terminal, elsewhere one now and then."""

import sys
import time
from math import inf

from golive.assembly import LoadMoment
from golive.cli.answer import plain

EVERY_S = 5.0  # where lines stay
BAR = 20
ERASE = "\r\x1b[2K"


class Meter:
    """Watches a load. Quiet when nobody is there to see it is for the caller to say: it always writes."""

    def __init__(self) -> None:
        self._moves = sys.stderr.isatty()
        self._last = time.monotonic()

    def __call__(self, moment: LoadMoment) -> None:
        now = time.monotonic()
        if not self._moves and (now - self._last < EVERY_S or not moment.sent):
            return
        self._last = now
        text = plain(line(moment))
        print(
            f"{ERASE}{text}" if self._moves else text, end="" if self._moves else "\n", file=sys.stderr, flush=True
        )

    def say(self, text: str) -> None:
        """A line of its own."""
        print(f"{ERASE if self._moves else ''}{plain(text)}", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the moving line."""
        if self._moves:
            print(ERASE, end="", file=sys.stderr, flush=True)


def line(moment: LoadMoment) -> str:
    """Rate, p99, failures and the time that is left."""
    rate = f"{moment.rate_per_s:.0f}/s" if moment.rate_per_s else "starting"
    failed = f"{moment.failed} of {moment.sent} failed"
    phase = f"{moment.phase}: " if moment.phase else ""
    return f"{_clock(moment)}  {phase}{rate}, p99 {moment.p99_ms:g} ms, {failed}"


def _clock(moment: LoadMoment) -> str:
    if moment.length_s in (0, inf):
        return _minutes(moment.elapsed_s)
    share = min(1.0, max(0.0, moment.elapsed_s / moment.length_s))
    bar = "█" * round(share * BAR) + "░" * (BAR - round(share * BAR))
    return f"{bar} {_minutes(moment.length_s - moment.elapsed_s)} left"


def _minutes(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
