"""A dashboard as it is deployed, held against what must be true of each query: it has data, and it moves.

A query that always gives the same has its data from nowhere: `or vector(0)`, `absent`, a metric that was renamed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from golive.errors import Exit, Failure

Values = tuple[float, ...]  # of all series that a query gives, in order of their labels


@dataclass(frozen=True, kw_only=True)
class Query:
    """One expression of one panel, with the dashboard's variables in it."""

    panel: str
    ref: str
    text: str

    def about(self, service: str, environment: str) -> str:
        """The same with its variables filled in, as Grafana does."""
        filled = self.text
        for name, value in (("service", service), ("environment", environment)):
            filled = filled.replace(f"${{{name}}}", value).replace(f"${name}", value)
        return filled


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a query gave: of the real service, and of each pair of services with a fault and without."""

    query: Query
    real: Values
    pairs: Sequence[tuple[Values, Values]]
    error: str = ""


def queries(dashboard: Mapping[str, Any], *, where: str) -> tuple[Query, ...]:
    """Every query of a Grafana dashboard, rows inside rows included. `Failure` (usage) when it has none."""
    try:
        found = tuple(_queries(dashboard["panels"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise _none(where, f"a part is missing or of another kind: {error!r}") from error
    if not found:
        raise _none(where, "it has no panel with a query")
    return found


def _none(where: str, why: str) -> Failure:
    return Failure(
        where=where,
        what="this is no dashboard with queries",
        why=why,
        next="golive observe render --out observability",
        code=Exit.USAGE,
    )


def _queries(panels: Sequence[Mapping[str, Any]]) -> Iterator[Query]:
    for panel in panels:
        for target in panel.get("targets", ()):
            yield Query(panel=str(panel["title"]), ref=str(target["refId"]), text=str(target["expr"]))
        yield from _queries(panel.get("panels", ()))


def hole(looked: Looked) -> str:
    """What is wrong with a query; "" when it has data and moves."""
    if looked.error:
        return f"it cannot be evaluated: {looked.error}"
    if not any(_moved(faulty, well) for faulty, well in looked.pairs):
        return "it does not move, whatever fault is planted"
    if not looked.real:
        return "it has no data of the real service"
    if all(math.isnan(value) for value in looked.real):
        return "it has no number of the real service: NaN"
    return ""


def _moved(faulty: Values, well: Values) -> bool:
    """From a number to another: to vanish is no way to show a fault."""
    numbers = [tuple(value for value in values if not math.isnan(value)) for values in (faulty, well)]
    return all(numbers) and numbers[0] != numbers[1]
