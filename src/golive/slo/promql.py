"""The part of PromQL that golive writes, as data; `text` is how Prometheus reads it, `evaluate` does it here.

https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from golive.slo.series import Matcher


@dataclass(frozen=True)
class Select:
    """The newest sample of each series, at most five minutes old."""

    metric: str
    matchers: tuple[Matcher, ...] = ()


@dataclass(frozen=True)
class Over:
    """A function of all samples of a series within a time; `rate` and `increase` are for counters."""

    function: Literal["rate", "increase", "avg_over_time", "max_over_time", "count_over_time"]
    of: Select
    window: timedelta


@dataclass(frozen=True)
class Sampled:
    """The mean of an expression evaluated again and again within a time (a subquery)."""

    of: "Expression"
    window: timedelta
    step: timedelta


@dataclass(frozen=True)
class By:
    """One value for each group of series that agree in these labels."""

    function: Literal["sum", "max", "min", "avg", "count"]
    of: "Expression"
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Quantile:
    """A quantile from the buckets of a histogram; `of` keeps the label le."""

    share: float
    of: "Expression"


@dataclass(frozen=True)
class AtMost:
    """Values above a number become that number."""

    of: "Expression"
    most: float


@dataclass(frozen=True)
class Two:
    """Arithmetic, a comparison that keeps the left values where it holds, or a set of series."""

    op: Literal["+", "-", "*", "/", ">", "<", "==", ">=", "<=", "> bool", "and", "or", "unless"]
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class Now:
    """The unix time of the evaluation, in seconds."""


@dataclass(frozen=True)
class Number:
    """A number for every series."""

    value: float


Expression: TypeAlias = Select | Over | Sampled | By | Quantile | AtMost | Two | Now | Number


def text(of: Expression) -> str:
    """As PromQL, the same for the same expression."""
    match of:
        case Select(metric, matchers):
            ordered = sorted(matchers, key=lambda one: (one.label, one.op, one.value))  # as Prometheus prints them
            inside = ",".join(f"{one.label}{one.op}{json.dumps(one.value, ensure_ascii=False)}" for one in ordered)
            return f"{metric}{{{inside}}}" if inside else metric
        case Over(function, inner, window):
            return f"{function}({text(inner)}[{length(window)}])"
        case Sampled(inner, window, step):
            return f"avg_over_time(({text(inner)})[{length(window)}:{length(step)}])"
        case By(function, inner, labels):
            return f"{function} by ({', '.join(labels)}) ({text(inner)})"
        case Quantile(share, inner):
            return f"histogram_quantile({number(share)}, {text(inner)})"
        case AtMost(inner, most):
            return f"clamp_max({text(inner)}, {number(most)})"
        case Two(op, left, right):
            return f"{_side(left)} {op} {_side(right)}"
        case Now():
            return "time()"
        case Number(value):
            return number(value)


def _side(of: Expression) -> str:
    return f"({text(of)})" if isinstance(of, Two) else text(of)


def number(value: float) -> str:
    """Without a float's noise: 14.4 × 0.001 is 0.0144."""
    return f"{value:.12g}"


def length(of: timedelta) -> str:
    """In the largest unit that divides it: 90m, 3d."""
    seconds = of // timedelta(seconds=1)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def selects(of: Expression) -> tuple[Select, ...]:
    """Every selector in it, in order of reading."""
    match of:
        case Select():
            return (of,)
        case Over(_, inner, _) | Sampled(inner, _, _) | By(_, inner, _) | Quantile(_, inner) | AtMost(inner, _):
            return selects(inner)
        case Two(_, left, right):
            return (*selects(left), *selects(right))
    return ()
