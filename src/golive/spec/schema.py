"""The JSON Schema of golive.yaml (draft 2020-12), for editors. As strict as JSON Schema can say it.

What it cannot say (cycles of `requires`, ports used twice, rising weights) only `golive spec check` finds.
"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from golive.spec.shape.service import Service

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NULL = {"type": "null"}


def schema() -> dict[str, Any]:
    """The schema as data."""
    generated = Service.model_json_schema(by_alias=True, schema_generator=_AsWritten)
    described = _plain(generated)
    assert isinstance(described, dict)
    return {
        "$schema": DIALECT,
        **described,
        "title": "golive.yaml",
        "description": "A service and how it goes live.",
    }


class _AsWritten(GenerateJsonSchema):
    """Defaults appear as they would be written in the file: `10s`, not ISO 8601."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        described = super().default_schema(schema)
        write = schema["schema"].get("serialization", {}).get("function")
        if write and schema.get("default") is not None:
            described["default"] = write(schema["default"])
        return described


def _plain(part: Any, *, names: bool = False) -> Any:
    """Without what pydantic adds for itself; `names` where keys are names, not words of JSON Schema."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    if names:
        return {name: _plain(item) for name, item in part.items()}
    kept = {word: item for word, item in part.items() if word != "title" and (word, item) != ("default", None)}
    branches = kept.get("anyOf", ())
    if NULL in branches:  # an optional key may be left out, but not be null
        kept |= next(branch for branch in kept.pop("anyOf") if branch != NULL)
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    return {
        word: item
        if word in ("default", "examples")
        else _plain(item, names=word in ("properties", "patternProperties", "$defs"))
        for word, item in kept.items()
    }
