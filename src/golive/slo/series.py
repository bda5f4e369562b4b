"""Series of samples as a metrics source gives them, and how they are selected."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

NAME = "__name__"
Labels = tuple[tuple[str, str], ...]  # sorted by name


def labels_of(pairs: Iterable[tuple[str, str]]) -> Labels:
    """In order; a label whose value is empty is one that is not there, as in Prometheus."""
    return tuple(sorted((name, value) for name, value in pairs if value))


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One value at one moment, of one series."""

    labels: Labels
    value: float


@dataclass(frozen=True, kw_only=True)
class Series:
    """One series: times in unix milliseconds, rising; a value that is NaN says that it was gone from then on."""

    labels: Labels
    times_ms: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True)
class Matcher:
    """One condition on a label. A label that is not there has the value ""."""

    label: str
    op: Literal["=", "!=", "=~", "!~"]
    value: str

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.value)

    def holds(self, value: str) -> bool:
        """Whether a label with this value is selected; patterns are anchored at both ends."""
        match self.op:
            case "=":
                return value == self.value
            case "!=":
                return value != self.value
            case "=~":
                return self._pattern.fullmatch(value) is not None
        return self._pattern.fullmatch(value) is None

    def matches(self, labels: Labels) -> bool:
        """The same of all labels of a series."""
        return self.holds(dict(labels).get(self.label, ""))
