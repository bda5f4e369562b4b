"""Metrics as services show them (Prometheus' text format 0.0.4), read again and again from the same place.

What stands before the value hardly ever changes from scrape to scrape: it is parsed once, by prometheus_client,
and known by its text from then on. https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from array import array
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from golive.slo.series import NAME, Labels, labels_of

COUNTED = ("counter", "histogram", "summary")  # their values never fall, but when they begin again
MOST_SERIES = 50_000


@dataclass(frozen=True, eq=False)
class Known:
    """One series of a place; the same object as long as it is known."""

    labels: Labels
    counter: bool


@dataclass(frozen=True, eq=False)
class Exposed:
    """What one scrape showed: a value for each series. `series` is the same object while they are the same."""

    series: tuple[Known, ...]
    values: "array[float]"


@dataclass
class Exposition:
    """One place. `own` are labels that every series of it gets; a label of that name that it shows itself is
    renamed exported_…, as Prometheus does."""

    own: Mapping[str, str]
    _known: dict[str, Known] = field(default_factory=dict)
    _keys: list[str] = field(default_factory=list)
    _last: tuple[Known, ...] = ()

    def read(self, text: str) -> Exposed:
        """`ValueError` says what cannot be read; nothing of such an answer is used."""
        lines = text.split("\n")
        parts = [line.rpartition(" ") for line in lines if line and line[0] != "#"]
        if [part[0] for part in parts] == self._keys:
            with suppress(ValueError):
                return Exposed(series=self._last, values=array("d", map(float, [part[2] for part in parts])))
        return self._read(lines)

    def _read(self, lines: list[str]) -> Exposed:
        keys, values, known = [], array("d"), dict(self._known)
        types: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if not line or line[0] == "#":
                if line.startswith("# TYPE "):
                    name, _, kind = line[7:].strip().partition(" ")
                    types[name] = kind.strip()
                continue
            key, _, value = line.rpartition(" ")
            try:
                if key not in known:
                    key, value, one = self._learn(line, types)
                    if one is None:
                        continue
                    known[key] = one
                values.append(float(value))
            except (ValueError, IndexError) as error:  # the library raises both
                raise ValueError(f"line {number}: {line[:120]!r}: {error}") from error
            keys.append(key)
            if len(keys) > MOST_SERIES:
                raise ValueError(f"line {number}: more than {MOST_SERIES} series")
        return Exposed(series=self._series(keys, known), values=values)

    def _series(self, keys: list[str], known: Mapping[str, Known]) -> tuple[Known, ...]:
        if keys != self._keys:
            series = tuple(known[key] for key in keys)
            seen = set[Labels]()
            for one in series:
                if one.labels in seen:
                    raise ValueError(f"a series twice: {dict(one.labels)}")
                seen.add(one.labels)
            self._keys, self._last = keys, series
            self._known = dict(zip(keys, series, strict=True))
        return self._last

    def _learn(self, line: str, types: Mapping[str, str]) -> tuple[str, str, Known | None]:
        """The text that names the series, its value, and the series; None for a line that holds none."""
        samples = [sample for family in text_string_to_metric_families(line) for sample in family.samples]
        if not samples:
            if line.strip():
                raise ValueError("it is no sample")
            return "", "", None
        (sample,) = samples
        shown = {f"exported_{name}" if name in self.own else name: value for name, value in sample.labels.items()}
        known = Known(
            labels=labels_of({NAME: sample.name, **shown, **self.own}.items()),
            counter=_type(sample.name, types) in COUNTED,
        )
        key, _, value = line.rpartition(" ")
        if sample.timestamp is not None or not _is_value(value, sample.value):
            key = line  # with a time behind it, or otherwise spaced: parsed anew each time
            value = repr(float(sample.value))
        return key, value, known


def _is_value(text: str, value: float) -> bool:
    try:
        read = float(text)
    except ValueError:
        return False
    return read == value or (read != read and value != value)


def _type(name: str, types: Mapping[str, str]) -> str:
    if name in types:
        return types[name]
    for tail in ("_bucket", "_count", "_sum", "_total"):
        if name.endswith(tail) and name.removesuffix(tail) in types:
            return types[name.removesuffix(tail)]
    return "counter" if name.endswith(("_total", "_bucket")) else "untyped"
