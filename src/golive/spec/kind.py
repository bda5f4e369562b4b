"""A kind of value: how it is called, read, written back, limited, and described to an editor.

Kinds are put on the keys of `spec.shape` with `Annotated`; pydantic calls them, `explain` and the JSON
schema read them. A kind that refuses raises `Fault` or `Faults`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from golive.spec.fault import EMPTY


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """One kind. `read` takes what YAML gave and returns the value, `write` goes the other way."""

    words: str  # "a duration"
    limits: str  # "100ms to 1h"; "" when there are none
    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = _as_it_is
    schema: Mapping[str, Any] = field(default_factory=dict)  # JSON schema of what may be written

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(self.write)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)


def or_null(kind: Kind) -> Kind:
    """The same, or null, which becomes None."""
    return Kind(
        words=f"{kind.words}, or null",
        limits=kind.limits,
        read=lambda value: None if value is EMPTY else kind.read(value),
        write=lambda value: None if value is None else kind.write(value),
        schema={**kind.schema, "type": [kind.schema["type"], "null"]},
    )
