"""Faults on demand: what this release does wrong, so that one can watch golive notice.

    STOREFRONT_ERRORS         percent of the requests to /products* that are answered 500, evenly spread
    STOREFRONT_LATENCY_MS     milliseconds that each answer but /health takes longer
    STOREFRONT_CRASH_ON_START exits with code 1 before it listens
    STOREFRONT_SLOW_START_S   seconds until it listens
    STOREFRONT_LEAK_MB_PER_S  megabytes of memory that are lost each second
    STOREFRONT_FAIL_SMOKE     /products is an empty list
    STOREFRONT_NEVER_HEALTHY  /health is answered 503

They are read from `release.json` (`{"version": "1.0.0", "faults": {"STOREFRONT_ERRORS": "20"}}`), so that each
release is another build, and from the environment, which wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

PREFIX = "STOREFRONT_"
OFF = ("", "0", "no", "false")


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What goes wrong. The default is nothing."""

    errors_percent: float = 0.0
    latency_s: float = 0.0
    crash_on_start: bool = False
    slow_start_s: float = 0.0
    leak_mb_per_s: float = 0.0
    fail_smoke: bool = False
    never_healthy: bool = False


def faults(release: Mapping[str, str], environ: Mapping[str, str]) -> Faults:
    """The faults that release and environment ask for; `ValueError` for one that is unknown or no number."""
    asked = {**release, **{name: value for name, value in environ.items() if name.startswith(PREFIX)}}
    number = {name: float(asked.get(PREFIX + name) or 0) for name in _NUMBERS}
    switch = {name: asked.get(PREFIX + name, "").lower() not in OFF for name in _SWITCHES}
    unknown = sorted(set(asked) - {PREFIX + name for name in (*_NUMBERS, *_SWITCHES)})
    if unknown:
        raise ValueError(f"unknown faults: {', '.join(unknown)}")
    return Faults(
        errors_percent=number["ERRORS"],
        latency_s=number["LATENCY_MS"] / 1000,
        crash_on_start=switch["CRASH_ON_START"],
        slow_start_s=number["SLOW_START_S"],
        leak_mb_per_s=number["LEAK_MB_PER_S"],
        fail_smoke=switch["FAIL_SMOKE"],
        never_healthy=switch["NEVER_HEALTHY"],
    )


_NUMBERS = ("ERRORS", "LATENCY_MS", "SLOW_START_S", "LEAK_MB_PER_S")
_SWITCHES = ("CRASH_ON_START", "FAIL_SMOKE", "NEVER_HEALTHY")


@dataclass
class Share:
    """Says yes for `percent` of the questions, evenly: at 20, every fifth. No chance, so runs can be compared."""

    percent: float
    _owed: float = field(default=0.0, init=False)

    def falls_on_this(self) -> bool:
        self._owed += self.percent
        if self._owed < 100:
            return False
        self._owed -= 100
        return True
