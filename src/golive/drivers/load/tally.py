"""Counting what becomes of requests. Pure: the times are arguments."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from golive.drivers.load.histogram import Histogram
from golive.drivers.load.report import FailedRequest, Report

MOST_FAILURES = 100
FIRST_FAILING_CODE = 400


@dataclass
class Tally:
    """Counts so far."""

    sent: int = 0
    ok: int = 0
    reconnected: int = 0
    by_code: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    by_revision: Counter[str] = field(default_factory=Counter)
    latency: Histogram = field(default_factory=Histogram)
    lateness: Histogram = field(default_factory=Histogram)
    failures: list[FailedRequest] = field(default_factory=list)

    def send(self, late_ns: int) -> None:
        """A request was due `late_ns` ago and is sent now."""
        self.sent += 1
        self.lateness.add(late_ns // 1000)

    def answer(self, code: int, revision: str, took_ns: int, path: str, at: float) -> None:
        """A whole answer came `took_ns` after its request was due. `at` is POSIX time."""
        self.latency.add(took_ns // 1000)
        self.by_code[str(code)] += 1
        if revision:
            self.by_revision[revision] += 1
        if code < FIRST_FAILING_CODE:
            self.ok += 1
        else:
            self.fail(f"answered {code}", f"GET {path}" + (f" from {revision}" if revision else ""), at)

    def fail(self, cause: str, detail: str, at: float) -> None:
        """A request failed."""
        self.causes[cause] += 1
        if len(self.failures) < MOST_FAILURES:
            time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
            self.failures.append(FailedRequest(time=time, cause=cause, detail=detail))

    @property
    def failed(self) -> int:
        return self.causes.total()

    def report(self, elapsed_ns: int, *, is_final: bool) -> Report:
        """The counts as they are now."""
        return Report(
            sent=self.sent,
            ok=self.ok,
            failed=self.failed,
            reconnected=self.reconnected,
            by_code=dict(self.by_code),
            causes=dict(self.causes),
            by_revision=dict(self.by_revision),
            p50_ms=self.latency.quantile_ms(0.5),
            p95_ms=self.latency.quantile_ms(0.95),
            p99_ms=self.latency.quantile_ms(0.99),
            late_p99_ms=self.lateness.quantile_ms(0.99),
            elapsed_s=round(elapsed_ns / 1_000_000_000, 3),
            failures=tuple(self.failures) if is_final else (),
            is_final=is_final,
        )
