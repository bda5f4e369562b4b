"""Which windows are looked at, and how fast a budget may burn in each: the SRE workbook's, as values.

Source: The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts", table 5-8: 2 % of the
budget of 30 days in an hour (14.4 times), 5 % in six hours (6), 10 % in a day (3) and in three days (1), each
checked in a short window of a twelfth, so that the alert ends soon after the trouble.
"""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from golive.spec.observed import Severity


@dataclass(frozen=True, kw_only=True)
class Burn:
    """So much of the budget within `long` is an alert, while `short` shows that it goes on."""

    severity: Severity
    budget_percent: int
    long: timedelta
    short: timedelta

    def factor(self, window: timedelta) -> Fraction:
        """How many times as fast as would use up the budget at the end of the window: 14.4 for 30 days."""
        return Fraction(self.budget_percent, 100) * Fraction(window // _SECOND, self.long // _SECOND)


_SECOND = timedelta(seconds=1)
BURNS = (
    Burn(severity="page", budget_percent=2, long=timedelta(hours=1), short=timedelta(minutes=5)),
    Burn(severity="page", budget_percent=5, long=timedelta(hours=6), short=timedelta(minutes=30)),
    Burn(severity="ticket", budget_percent=10, long=timedelta(days=1), short=timedelta(hours=2)),
    Burn(severity="ticket", budget_percent=10, long=timedelta(days=3), short=timedelta(hours=6)),
)
SHORTEST = BURNS[0].short


def windows() -> tuple[timedelta, ...]:
    """Every window that some alert looks at, rising."""
    return tuple(sorted({length for burn in BURNS for length in (burn.short, burn.long)}))
