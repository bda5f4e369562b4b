"""Any value that JSON can hold."""

from typing import Any

from golive.spec.fault import EMPTY, Fault
from golive.spec.kind import Kind


def json_value() -> Kind:
    """Text, numbers, true, false, null, lists and mappings; YAML's infinities and not-a-number are refused."""

    def read(value: Any) -> Any:
        if not _is_json(value):
            raise Fault(
                "the value cannot be written as JSON", why="JSON has neither .inf nor .nan", next="remove it"
            )
        return _with_null(value)

    return Kind(words="any value", limits="what JSON can hold", read=read)


def _is_json(value: Any) -> bool:
    match value:
        case float():
            return value - value == 0.0
        case list():
            return all(_is_json(item) for item in value)
        case dict():
            return all(_is_json(item) for item in value.values())
    return True


def _with_null(value: Any) -> Any:
    match value:
        case list():
            return [_with_null(item) for item in value]
        case dict():
            return {key: _with_null(item) for key, item in value.items()}
    return None if value is EMPTY else value
