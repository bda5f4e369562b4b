"""What every mapping of the file has in common, and the types that several of them use."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails

from golive.spec.fault import Fault

Written = Mapping[str, Any]  # a mapping of the tree


class Shape(BaseModel):
    """A mapping of the file. Unknown keys and values of another type are refused, never converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        """Broken rules between the keys of this mapping, as it was written; overridden where there are any.

        They are looked for even when single values are at fault, so that all faults are told at once; what
        has the wrong shape is passed over here.
        """
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(cls, written: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        faults = tuple(cls.rules(written)) if isinstance(written, dict) else ()
        try:
            made = validate(written)
        except ValidationError as error:
            if not faults:
                raise
            raise _merged(error.errors(include_url=False), faults) from None
        if faults:
            raise _merged([], faults)
        return made


def _merged(errors: list[ErrorDetails], faults: tuple[Fault, ...]) -> ValidationError:
    details = [
        InitErrorDetails(type=e["type"], loc=e["loc"], input=e["input"], ctx=e.get("ctx", {})) for e in errors
    ]
    details += [InitErrorDetails(type="value_error", input=None, ctx={"error": fault}) for fault in faults]
    return ValidationError.from_exception_data("shape", details)


def default(of: type, name: str) -> Any:
    """The default that `spec.values` gives the field; defaults live there."""
    found = next(field for field in fields(of) if field.name == name)
    return found.default if found.default_factory is MISSING else found.default_factory()


def mapping(part: object) -> Written:
    """The part, when it is a mapping; else an empty one."""
    return part if isinstance(part, dict) else {}


def items(part: object) -> list[Any]:
    """The part, when it is a list; else an empty one."""
    return part if isinstance(part, list) else []


def both(first: str, second: str) -> Fault:
    """Two keys of which one is meant, told at the second."""
    return Fault(
        f"`{first}` and `{second}` are both given",
        why="one of them is meant, and which would be a guess",
        next=f"remove `{first}` or `{second}`",
        at=(second,),
        in_key=True,
    )
