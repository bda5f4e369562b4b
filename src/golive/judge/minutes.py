"""Counts of both revisions minute by minute: what the rules of other tools look at. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Count:
    """What one revision served in one minute. `latency` is per bucket, as in `Tick`."""

    requests: int
    errors: int
    latency: tuple[int, ...]

    @property
    def error_rate(self) -> float | None:
        """None when nothing was served."""
        return self.errors / self.requests if self.requests else None

    def quantile_ms(self, q: float, bounds_ms: Sequence[int]) -> float | None:
        """Linear inside its bucket, as Prometheus does; the highest bound beyond it; None without any."""
        whole = sum(self.latency)
        if not whole:
            return None
        wanted, seen, low = q * whole, 0, 0.0
        for bound, count in zip(bounds_ms, self.latency, strict=False):
            if count and seen + count >= wanted:
                return low + (bound - low) * (wanted - seen) / count
            seen, low = seen + count, float(bound)
        return low


@dataclass(frozen=True, kw_only=True)
class Minute:
    """One minute of a watch. `control` is an equal-size control group where there is one, else the baseline."""

    canary: Count
    baseline: Count
    control: Count
