"""The part of PromQL that `promql` writes, read back: for dashboards where no Prometheus is at hand.

What stands outside it is refused, never guessed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from golive.errors import Exit, Failure
from golive.slo.promql import AtMost, By, Expression, Now, Number, Over, Quantile, Sampled, Select, Two
from golive.slo.selector import select

TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)(?![\w:])
    |(?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)
    |(?P<braces>\{(?:[^}"]|"(?:[^"\\]|\\.)*")*\})
    |(?P<span>\[[^\]]*\])
    |(?P<sign>>=|<=|==|[-+*/<>(),]))""",
    re.VERBOSE,
)
LENGTH = re.compile(r"(\d+)(ms|[smhdw])")
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
LEVELS = (("or",), ("and", "unless"), ("==", ">", "<", ">=", "<="), ("+", "-"), ("*", "/"))  # loosest first
OVER = ("rate", "increase", "avg_over_time", "max_over_time", "count_over_time")
GROUPED = ("sum", "max", "min", "avg", "count")
DEEPEST = 60


def parse(query: str, *, where: str) -> Expression:
    """The expression; `Failure` (usage) says from where on it cannot be read. `where` names it for people."""
    reader = _Reader(query, where)
    found = reader.expression()
    if reader.kind:
        raise reader.refused("the end was expected")
    return found


@dataclass
class _Reader:
    """A place in a text, and the token that begins there."""

    text: str
    where: str
    end: int = 0
    kind: str = ""  # "" at the end of the text
    token: str = ""
    begin: int = 0
    depth: int = 0

    def __post_init__(self) -> None:
        self.step()

    def step(self) -> str:
        """Go on to the next token; gives the one that was read."""
        before, self.begin = self.token, self.end
        found = TOKEN.match(self.text, self.end)
        if found:
            self.kind, self.token, self.end = str(found.lastgroup), str(found[found.lastgroup or 0]), found.end()
        elif self.text[self.end :].strip():
            raise self.refused("no part of an expression begins there")
        else:
            self.kind, self.token = "", ""
        return before

    def take(self, token: str) -> None:
        if self.token != token or not self.kind:
            raise self.refused(f"{token!r} was expected")
        self.step()

    def refused(self, why: str) -> Failure:
        return Failure(
            where=self.where,
            what=f"golive cannot read {self.text[self.begin :].strip()[:60]!r} in {self.text[:200]!r}",
            why=f"{why}; without a Prometheus golive evaluates the part of PromQL that it writes itself",
            next="write it as golive observe render does, or name a Prometheus under observe.prometheus",
            code=Exit.USAGE,
        )

    def expression(self, level: int = 0) -> Expression:
        if level == len(LEVELS):
            return self.operand()
        left = self.expression(level + 1)
        while self.kind in ("sign", "word") and self.token in LEVELS[level]:
            op = self.step()
            if self.token == "bool" and level == 2:
                self.step()
                if op != ">":
                    raise self.refused("bool is known behind > only")
                op = "> bool"
            left = Two(op, left, self.expression(level + 1))  # type: ignore[arg-type]
        return left

    def operand(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refused("it is nested too deeply")
        try:
            return self._operand()
        finally:
            self.depth -= 1

    def _operand(self) -> Expression:
        if self.token == "-" and self.kind == "sign":
            self.step()
            return Number(-self.number())
        if self.kind == "number":
            return Number(self.number())
        if self.token == "(" and self.kind == "sign":
            self.step()
            inside = self.expression()
            self.take(")")
            return inside
        if self.kind == "word":
            return self.call() if self.text[self.end :].lstrip().startswith(("(", "by")) else self.selector()
        raise self.refused("an operand was expected")

    def number(self) -> float:
        if self.kind != "number":
            raise self.refused("a number was expected")
        return float(self.step())

    def selector(self) -> Select:
        if self.kind != "word":
            raise self.refused("the name of a metric was expected")
        written = self.step()
        if self.kind == "braces":
            written += self.step()
        return select(written, where=self.where)

    def call(self) -> Expression:
        if self.token in GROUPED:
            return self.grouped()
        if self.token in OVER:
            return self.over()
        if self.token not in _CALLS:
            raise self.refused(f"{self.token} is not known here")
        name = self.step()
        self.take("(")
        found = _CALLS[name](self)
        self.take(")")
        return found

    def grouped(self) -> By:
        function: Any = self.step()
        labels = self.labels()
        self.take("(")
        inside = self.expression()
        self.take(")")
        return By(function, inside, labels or self.labels())

    def labels(self) -> tuple[str, ...]:
        if self.token != "by":
            return ()
        self.step()
        self.take("(")
        found = []
        while self.kind == "word":
            found.append(self.step())
            if self.token == ",":
                self.step()
        self.take(")")
        return tuple(found)

    def over(self) -> Over | Sampled:
        function: Any = self.step()
        self.take("(")
        if self.token == "(":
            inside = self.operand()
            window, step = self.span()
            self.take(")")
            if function != "avg_over_time" or step is None:
                raise self.refused("of subqueries only avg_over_time((…)[window:step]) is known")
            return Sampled(inside, window, step)
        of = self.selector()
        window, step = self.span()
        self.take(")")
        if step is not None:
            raise self.refused("a subquery stands in brackets of its own")
        return Over(function, of, window)

    def span(self) -> tuple[timedelta, timedelta | None]:
        if self.kind != "span":
            raise self.refused("a length such as [5m] was expected")
        window, colon, step = self.token[1:-1].partition(":")
        lengths = self.length(window), self.length(step) if colon else None
        self.step()
        return lengths

    def length(self, written: str) -> timedelta:
        parts = LENGTH.findall(written)
        if not parts or "".join(count + unit for count, unit in parts) != written.strip():
            raise self.refused("a length such as 5m or 1h30m was expected")
        try:
            found = timedelta(seconds=sum(int(count) * UNITS[unit] for count, unit in parts))
        except OverflowError:
            found = timedelta()
        if not found:
            raise self.refused("a length is longer than nothing, and no longer than a life")
        return found


def _quantile(reader: _Reader) -> Quantile:
    share = reader.number()
    reader.take(",")
    return Quantile(share, reader.expression())


def _at_most(reader: _Reader) -> AtMost:
    inside = reader.expression()
    reader.take(",")
    return AtMost(inside, reader.number())


_CALLS: Mapping[str, Callable[[_Reader], Expression]] = {
    "histogram_quantile": _quantile,
    "clamp_max": _at_most,
    "time": lambda _: Now(),
    "vector": lambda reader: Number(reader.number()),
}
