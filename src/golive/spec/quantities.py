"""Durations, shares, quantiles and whole numbers: read from text with a unit, kept without floats."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from golive.spec.fault import Fault, shown, sort_of
from golive.spec.kind import Kind

UNITS_MS = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
DURATION = re.compile(r"(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?")
SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,4})?) ?%")
QUANTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,4})?)")


def whole(least: int, most: int) -> Kind:
    """A whole number from `least` to `most`."""
    limits = f"{least} to {most}"

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Fault(f"{shown(value)} is {sort_of(value)}, not a whole number", why=f"it takes {limits}")
        if not least <= value <= most:
            raise Fault(f"{value} is out of range", why=f"it takes {limits}")
        return value

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Kind(words="a whole number", limits=limits, read=read, schema=schema)


def duration(least: str, most: str) -> Kind:
    """A length of time from `least` to `most`, both written as in the file; gives a `timedelta`."""
    limits = f"{least} to {most}"
    lower, upper = timedelta_of(least), timedelta_of(most)

    def read(value: Any) -> timedelta:
        length = timedelta_of(value)
        if not lower <= length <= upper:
            raise Fault(f"{value} is out of range", why=f"it takes {limits}")
        return length

    schema = {"type": "string", "pattern": r"^(?=\d)(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$"}
    return Kind(words="a duration", limits=limits, read=read, write=duration_text, schema=schema)


def timedelta_of(value: object) -> timedelta:
    """`1h30m`, `10s`, `500ms`; `Fault` for anything else, a bare number included."""
    written = DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if not written:
        raise Fault(
            f"{shown(value)} is not a duration",
            why=_unit_needed(value),
            next="write for instance " + _with_unit(value),
        )
    parts = zip(written.groups(default="0"), UNITS_MS.values(), strict=True)
    return timedelta(milliseconds=sum(int(number) * unit for number, unit in parts))


def duration_text(length: timedelta) -> str:
    """The shortest way to write it: `1h30m`, `500ms`, `0s`."""
    rest, text = length // timedelta(milliseconds=1), ""
    for unit, size in UNITS_MS.items():
        number, rest = divmod(rest, size)
        text += f"{number}{unit}" if number else ""
    return text or "0s"


def share() -> Kind:
    """A share of all answers, written in percent; gives parts per million."""

    def read(value: Any) -> int:
        written = SHARE.fullmatch(value) if isinstance(value, str) else None
        if not written or Decimal(written[1]) > 100:
            why = "a share is 0 % to 100 %, with at most four decimals"
            raise Fault(f"{shown(value)} is not a share", why=why, next="write for instance 1 % or 0.1%")
        return int(Decimal(written[1]) * 10_000)

    return Kind(
        words="a share",
        limits="0 % to 100 %, to four decimals",
        read=read,
        write=lambda ppm: f"{_short(ppm)} %",
        schema={"type": "string", "pattern": r"^\d{1,3}(\.\d{1,4})? ?%$"},
    )


def quantile() -> Kind:
    """A quantile such as `p99.9`; gives parts per million."""

    def read(value: Any) -> int:
        written = QUANTILE.fullmatch(value) if isinstance(value, str) else None
        if not written or not Decimal(written[1]):
            why = "p99 is the latency that 99 % of the answers do not exceed"
            near = f"p{value}" if isinstance(value, int) and 0 < value < 100 else "p50, p99 or p99.9"
            raise Fault(f"{shown(value)} is not a quantile", why=why, next=f"write for instance {near}")
        return int(Decimal(written[1]) * 10_000)

    return Kind(
        words="a quantile",
        limits="above p0, below p100, to four decimals",
        read=read,
        write=lambda ppm: f"p{_short(ppm)}",
        schema={"type": "string", "pattern": r"^p\d{1,2}(\.\d{1,4})?$"},
    )


def _short(ppm: int) -> str:
    return f"{Decimal(ppm) / 10_000:f}".rstrip("0").rstrip(".") if ppm % 10_000 else str(ppm // 10_000)


def _unit_needed(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number alone does not say seconds or milliseconds"
    return "a duration is whole numbers with h, m, s or ms, the largest unit first"


def _with_unit(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return f"{value}s"
    return "10s, 500ms or 1h30m"
