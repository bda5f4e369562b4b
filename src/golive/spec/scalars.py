"""Plain scalars by the YAML 1.2 core schema (YAML 1.2.2, section 10.3.2).

Where YAML 1.1 surprises, 1.2 does not: `no`, `on` and `22:22` are text, `0o17` is fifteen, `017` seventeen.
"""

import re

from golive.spec.fault import Fault

Scalar = str | int | float | bool | None

WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
DECIMAL = re.compile(r"[-+]?[0-9]+")
OCTAL = re.compile(r"0o[0-7]+")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

LONGEST_NUMBER = 40  # characters; keeps reading a number from costing more than its text
LARGEST = 2**63 - 1


def scalar(text: str) -> Scalar:
    """The value of a plain (unquoted) scalar; `Fault` for a number that cannot be held exactly enough."""
    if text in WORDS:
        return WORDS[text]
    if DECIMAL.fullmatch(text):
        return _bounded(text, 10)
    if OCTAL.fullmatch(text):
        return _bounded(text, 8)
    if HEXADECIMAL.fullmatch(text):
        return _bounded(text, 16)
    if FLOAT.fullmatch(text):
        return _finite(text)
    return text


def _bounded(text: str, base: int) -> int:
    if len(text) > LONGEST_NUMBER or abs(number := int(text.replace("0o", "").replace("0x", ""), base)) > LARGEST:
        raise _too_large(text)
    return number


def _finite(text: str) -> float:
    if len(text) > LONGEST_NUMBER or (number := float(text)) in (float("inf"), float("-inf")):
        raise _too_large(text)
    return number


def _too_large(text: str) -> Fault:
    return Fault(
        f"a number of {len(text)} characters is too large",
        why="whole numbers go up to 9223372036854775807, others up to 1.8e308",
        next="if it is text, put it in quotes",
    )
