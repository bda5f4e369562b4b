"""What a load run counted: latencies in a histogram of bounded size, answers by code, failures by cause.

Pure. Latency counts from the instant at which a request was due, so that a generator or server that falls
behind does not hide it (no coordinated omission).
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

WIDTH = math.log(1.01)  # buckets are 1 % wide: quantiles are exact to about that
MOST_FAILURES = 100  # that are kept in detail; all are counted


def due_s(number: int, rate: float) -> float:
    """When request `number` (0, 1, 2 …) leaves, in seconds after the start."""
    return number / rate


@dataclass
class Histogram:
    """Durations in microseconds."""

    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, duration_s: float) -> None:
        self.buckets[int(math.log(max(duration_s * 1e6, 1.0)) / WIDTH)] += 1

    def quantile_ms(self, share: float) -> float:
        """The upper bound of the bucket in which `share` of the durations is reached; 0.0 when empty."""
        rank = share * self.buckets.total()
        reached = 0
        for bucket in sorted(self.buckets):
            reached += self.buckets[bucket]
            if reached >= rank:
                return round(math.exp((bucket + 1) * WIDTH) / 1000, 2)
        return 0.0


@dataclass
class Tally:
    """Everything that is counted; `failed` are answers of 400 and above, and requests without an answer."""

    sent: int = 0
    ok: int = 0
    failed: int = 0
    reconnected: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    by_revision: Counter[str] = field(default_factory=Counter)
    latency: Histogram = field(default_factory=Histogram)
    lateness: Histogram = field(default_factory=Histogram)
    failures: list[dict[str, Any]] = field(default_factory=list)

    def answered(self, code: int, revision: str, latency_s: float, at_s: float) -> None:
        self.codes[str(code)] += 1
        self.latency.add(latency_s)
        if revision:
            self.by_revision[revision] += 1
        if code < 400:
            self.ok += 1
        else:
            self._failed(f"code {code}", f"from {revision or 'an unnamed revision'}", at_s)

    def lost(self, cause: str, detail: str, at_s: float) -> None:
        self._failed(cause, detail, at_s)

    def report(self) -> dict[str, Any]:
        """The counts as JSON; the fields of `run.Report`."""
        return {
            "sent": self.sent,
            "ok": self.ok,
            "failed": self.failed,
            "reconnected": self.reconnected,
            "codes": dict(self.codes),
            "causes": dict(self.causes),
            "by_revision": dict(self.by_revision),
            "p50_ms": self.latency.quantile_ms(0.5),
            "p99_ms": self.latency.quantile_ms(0.99),
            "late_p99_ms": self.lateness.quantile_ms(0.99),
            "failures": self.failures,
        }

    def _failed(self, cause: str, detail: str, at_s: float) -> None:
        self.failed += 1
        self.causes[cause] += 1
        if len(self.failures) < MOST_FAILURES:
            self.failures.append({"at_s": round(at_s, 3), "cause": cause, "detail": detail})
