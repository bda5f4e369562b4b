"""Every key of golive.yaml as a row: what it means, takes, defaults to. Derived from `spec.shape`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from annotated_types import MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from golive.spec.flow import flow
from golive.spec.kind import Kind
from golive.spec.shape.service import Service

ITEM = "[]"
ANY_NAME = "*"


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key. In `path`, `*` stands for any name and `[]` for any item of a list."""

    path: tuple[str, ...]
    meaning: str
    takes: str  # "a duration", "a list of patterns", "a mapping"
    limits: str
    default: str  # as it would be written; "" when there is none
    required: bool
    example: str  # the line of the file
    inner: tuple[str, ...]  # names of the keys below it
    named: bool  # below it come names of the operator's own

    @property
    def name(self) -> str:
        """`environments.*.strategy.weights`, `smoke.steps[].name`."""
        return name_of(self.path)


@cache
def keys() -> Mapping[tuple[str, ...], Key]:
    """All keys by path, in the order of the file, a mapping before what is in it."""
    return {key.path: key for key in _below(Service, ())}


def name_of(path: tuple[str, ...]) -> str:
    """The path as it is written for people."""
    return ".".join(path).replace(f".{ITEM}", ITEM)


def names_at(path: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that may stand in the mapping at `path`; empty when names are free there."""
    if not path:
        return tuple(_names(Service))
    if path in keys():
        return keys()[path].inner
    above = keys().get(path[:-1])
    return above.inner if above and path[-1] in (ITEM, ANY_NAME) else ()


def _below(shape: type[BaseModel], above: tuple[str, ...]) -> Iterator[Key]:
    for name, field in _names(shape).items():
        path = (*above, name)
        shapes = list(_shapes(field.annotation, path))
        yield _key(path, field, tuple(inner for _, found in shapes for inner in _names(found)))
        for place, found in shapes:
            yield from _below(found, place)


def _names(shape: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in shape.model_fields.items()}


def _key(path: tuple[str, ...], field: FieldInfo, inner: tuple[str, ...]) -> Key:
    kind = next((part for part in field.metadata if isinstance(part, Kind)), None)
    takes, limits = (kind.words, kind.limits) if kind else _takes(field.annotation)
    return Key(
        path=path,
        meaning=field.description or "",
        takes=takes,
        limits="; ".join(part for part in (limits, _length(field)) if part),
        default=_default(field, kind),
        required=field.is_required(),
        example=f"{path[-1]}: {flow((field.examples or [None])[0])}",
        inner=inner,
        named=get_origin(_bare(field.annotation)) is dict,
    )


def _shapes(annotation: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """The mappings with keys of their own that the annotation leads to, and where they stand."""
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield path, annotation
    elif get_origin(annotation) is list:
        yield from _shapes(get_args(annotation)[0], (*path, ITEM))
    elif get_origin(annotation) is dict:
        yield from _shapes(get_args(annotation)[1], (*path, ANY_NAME))


def _takes(annotation: Any) -> tuple[str, str]:
    """In words what the annotation takes, and its limits."""
    kind = _kind(annotation)
    annotation = _bare(annotation)
    if kind:
        return kind.words, kind.limits
    if get_origin(annotation) is list:
        words, limits = _takes(get_args(annotation)[0])
        return f"a list, each {words}", limits
    if get_origin(annotation) is dict:
        named, (words, limits) = _takes(get_args(annotation)[0])[0], _takes(get_args(annotation)[1])
        return f"a mapping from {named} to {words}", limits
    return "a mapping", ""


def _bare(annotation: Any) -> Any:
    """The annotation without `Annotated` and `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(part for part in get_args(annotation) if part is not NoneType))
    return annotation


def _kind(annotation: Any) -> Kind | None:
    if get_origin(annotation) in (Union, UnionType):
        return next((kind for part in get_args(annotation) if (kind := _kind(part))), None)
    return next((part for part in getattr(annotation, "__metadata__", ()) if isinstance(part, Kind)), None)


def _length(field: FieldInfo) -> str:
    least = next((part.min_length for part in field.metadata if isinstance(part, MinLen)), 0)
    most = next((part.max_length for part in field.metadata if isinstance(part, MaxLen)), 0)
    if least and most:
        return f"{least} to {most} of them"
    return f"at most {most} of them" if most else f"at least {least} of them" if least else ""


def _default(field: FieldInfo, kind: Kind | None) -> str:
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if kind and value is not None:
        return flow(kind.write(value))
    if isinstance(value, BaseModel):
        return ""
    if isinstance(value, list):
        return flow([_dumped(item) for item in value])
    return "" if value is None else flow(value)


def _dumped(item: Any) -> Any:
    return item.model_dump(mode="json", by_alias=True, exclude_unset=True) if isinstance(item, BaseModel) else item
