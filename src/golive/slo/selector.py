"""A selector as an operator writes it: `http_requests_total{code=~"5.."}`."""

import re
from typing import Literal, cast

from golive.errors import Exit, Failure
from golive.slo.promql import Select
from golive.slo.series import Matcher

METRIC = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?\s*", re.DOTALL)
MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(,|$)', re.DOTALL)
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\\": "\\", '"': '"'}


def select(written: str, *, where: str) -> Select:
    """The selector; `Failure` (usage) says what cannot be read. `where` is the key of golive.yaml."""
    found = METRIC.fullmatch(written)
    if not found:
        raise _refused(written, where, "it begins with the name of a metric, and conditions stand in { }")
    matchers, place, inside = [], 0, found[2] or ""
    while inside[place:].strip():
        one = MATCHER.match(inside, place)
        if not one:
            raise _refused(written, where, f'a condition looks like label="value", not {inside[place:].strip()!r}')
        value = ESCAPE.sub(_unescaped, one[3])
        matchers.append(
            Matcher(one[1], cast(Literal["=", "!=", "=~", "!~"], one[2]), _pattern(value, one[2], where))
        )
        place = one.end()
    return Select(found[1], tuple(matchers))


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else ESCAPES.get(found[2], found[0])


def _pattern(value: str, op: str, where: str) -> str:
    if "~" in op:
        try:
            re.compile(value)
        except re.error as error:
            raise _refused(value, where, f"the pattern cannot be read: {error}") from None
    return value


def _refused(written: str, where: str, why: str) -> Failure:
    return Failure(
        where=where,
        what=f"{written!r} is no selector",
        why=why,
        next='write for instance http_requests_total{code=~"5.."}',
        code=Exit.USAGE,
    )
