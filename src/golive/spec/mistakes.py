"""Pydantic's errors in the operator's words."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from golive.spec.fault import EMPTY, Fault, Faults, Path, instead, sort_of, word
from golive.spec.keys import ANY_NAME, ITEM, Key, keys, names_at
from golive.spec.shape.variables import BY_REFERENCE

COLLECTIONS = {"list_type": "a list", "dict_type": "a mapping", "model_type": "a mapping"}
IN_KEY = "[key]"  # pydantic's mark for a fault in the key itself


def mistakes(error: ValidationError) -> Iterator[Fault]:
    """One fault for every error, `at` its path from the root of the file."""
    for detail in error.errors(include_url=False):
        at = tuple(part for part in detail["loc"] if part != IN_KEY)
        for fault in _faults(detail, at):
            next_step = fault.next or _example(at)
            in_key = fault.in_key or IN_KEY in detail["loc"]
            yield Fault(fault.what, why=fault.why, next=next_step, at=(*at, *fault.at), in_key=in_key)


def _faults(detail: ErrorDetails, at: Path) -> Iterator[Fault]:
    sort, written = detail["type"], detail["input"]
    own = detail.get("ctx", {}).get("error")
    if sort == "extra_forbidden":
        yield _unknown_key(at)
    elif sort == "missing":
        yield Fault(f"`{at[-1]}` is missing", why=_meaning(at))
    elif written is EMPTY:
        yield Fault("the item is empty" if isinstance(at[-1], int) else "the key has no value", in_key=True)
    elif isinstance(own, Faults):
        yield from own.faults
    elif isinstance(own, Fault):
        yield own
    elif sort in COLLECTIONS:
        yield _wrong_sort(at, written, COLLECTIONS[sort])
    else:
        yield _wrong_length(detail, written)


def _unknown_key(at: Path) -> Fault:
    if "secrets" in at:
        return Fault("an unknown key (not repeated here)", next=BY_REFERENCE, in_key=True)
    key = str(at[-1])
    return Fault(f"`{word(key)}` is not a known key", next=instead(key, names_at(_general(at[:-1]))), in_key=True)


def _wrong_sort(at: Path, written: object, wanted: str) -> Fault:
    if at[-2:-1] == ("secrets",):
        return Fault(
            "a secret's value is given (not repeated here)",
            why="the file is committed, and copies of it are kept as evidence",
            next=f"{BY_REFERENCE}, and replace the secret if it was committed",
        )
    return Fault(f"it is {sort_of(written)}, not {wanted}", why=_meaning(at))


def _wrong_length(detail: ErrorDetails, written: Any) -> Fault:
    limits = detail.get("ctx", {})
    if "max_length" in limits:
        return Fault(f"it has {len(written)} entries", why=f"at most {limits['max_length']} are allowed")
    return Fault("it has no entries", why="at least one is needed")


def _meaning(at: Path) -> str:
    key = _key(at)
    first = key.meaning.split(". ")[0].rstrip(".") if key else ""
    return first[:1].lower() + first[1:]


def _example(at: Path) -> str:
    key = _key(at)
    return f"write for instance {key.example}" if key else ""


def _key(at: Path) -> Key | None:
    general = _general(at)
    while general and general[-1] in (ITEM, ANY_NAME):
        general = general[:-1]
    return keys().get(general)


def _general(at: Path) -> tuple[str, ...]:
    """The path with `*` and `[]` in place of the file's own names and numbers."""
    general: tuple[str, ...] = ()
    for part in at:
        if isinstance(part, int):
            general = (*general, ITEM)
        else:
            around = keys().get(general)
            general = (*general, ANY_NAME if around and around.named else part)
    return general
