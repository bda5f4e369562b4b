"""Writing one value in YAML's flow style, so that it reads back as the same value."""

import json
import re
from collections.abc import Mapping

from golive.spec.fault import Fault
from golive.spec.scalars import scalar

PLAIN = re.compile(r"[A-Za-z0-9_./$%*+-]([A-Za-z0-9_./$%*+@=~ -]*[A-Za-z0-9_./$%*+@=~-])?")
NOT_FIRST = re.compile(r"[%*]|-( |$)")  # these begin something else in YAML


def flow(value: object) -> str:
    """`{kind: canary, weights: [5, 25, 50], soak: 10s}`; text that could be read as something else in quotes."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(flow(item) for item in value) + "]"
        case str():
            return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
        case _:
            return json.dumps(value)


def _is_plain(text: str) -> bool:
    if not PLAIN.fullmatch(text) or NOT_FIRST.match(text):
        return False
    try:
        return isinstance(scalar(text), str)
    except Fault:
        return False
