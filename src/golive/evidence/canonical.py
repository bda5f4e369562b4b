"""One record, one line of bytes, one digest: canonical JSON by RFC 8785, without floats.

`encode` writes, `decode` reads strictly: whatever `encode` would not have written is refused (exit 5), be it
a duplicate key, another spelling of the same value, a float, text that is not in Unicode NFC, or broken UTF-8.
So the bytes can be hashed, and no two readers can understand one line differently.
"""

import json
import re
import unicodedata
from typing import Any

import rfc8785

from golive.errors import Failure
from golive.evidence.record import Draft, Record
from golive.evidence.shape import GREATEST_INT, as_object, as_record, fault_in, tampered

MOST_BYTES = 65_535  # of a line, without its newline: what an entry bundle of a C2SP tiled log can hold
DEEPEST = 32  # levels of lists and objects

_BEYOND_BMP = re.compile(rb"[\xf0-\xff]")  # the first byte of such a character in UTF-8


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is no whole number")


_STRICT = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)
_FAST = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def seal(draft: Draft, *, seq: int, prev: str) -> Record:
    """The draft in its place in the log, as it will be read again: instants in milliseconds, text in NFC."""
    line = encode(draft, seq, prev)
    return as_record(json.loads(line), line)


def encode(draft: Draft, seq: int, prev: str) -> bytes:
    """The record's line, without newline.

    Text is brought to NFC. Raises `Failure` for what a record cannot hold: a float, an integer beyond
    ±(2^53 - 1), half a surrogate pair, a key that is not text, more than `MOST_BYTES` or `DEEPEST`.
    """
    try:
        found = _plain(as_object(draft, seq, prev))
    except ValueError as error:
        raise _unrecordable(draft, str(error)) from error
    fault = fault_in(found)
    if fault:
        raise _unrecordable(draft, fault)
    line = rfc8785.dumps(found)
    if len(line) > MOST_BYTES:
        raise _too_large(draft, len(line))
    return line


def decode(line: bytes, where: str = "record") -> Record:
    """The record of a line from anywhere; `Failure` (exit 5) unless `encode` would have written these bytes."""
    quickly = _plainly_canonical(line)
    if quickly is not None and not fault_in(quickly):
        return as_record(quickly, line)
    try:
        found = _parse(line)
        fault = fault_in(found) or _not_canonical(found, line)
    except (ValueError, RecursionError) as error:
        raise tampered(where, "this is not a canonical record", str(error)) from error
    if fault:
        raise tampered(where, "this is not a canonical record", fault)
    return as_record(found, line)


def _parse(line: bytes) -> Any:
    if len(line) > MOST_BYTES:
        raise ValueError(f"it has {len(line)} bytes; a record has at most {MOST_BYTES}")
    return json.loads(line.decode("utf-8"))


def _plainly_canonical(line: bytes) -> Any:
    """The value of a line that is canonical beyond doubt; None when it has to be looked at closely.

    ASCII is in NFC and sorts the same everywhere; without floats, without numbers beyond 2^53, and with too few
    brackets to be nested too deeply, only the bytes are left to compare.
    """
    if not line.isascii() or len(line) > MOST_BYTES:
        return None
    if line.count(b"{") + line.count(b"[") > DEEPEST:
        return None
    try:
        found = _STRICT.decode(line.decode("ascii"))
        again = _FAST.encode(found).encode()  # half a surrogate pair, written as an escape, has no bytes
    except (ValueError, RecursionError):
        return None
    return found if again == line and isinstance(found, dict) and _is_small(found.get("data")) else None


def _is_small(value: Any) -> bool:
    """Whether no number in it is beyond 2^53; those outside of `data` are held to that by the record's shape."""
    if type(value) is dict:
        return all(map(_is_small, value.values()))
    if type(value) is list:
        return all(map(_is_small, value))
    return type(value) is not int or -GREATEST_INT <= value <= GREATEST_INT


def _not_canonical(found: Any, line: bytes) -> str:
    """Why `line` is not the one form of `found`; "" when it is."""
    if _plain(found) != found:
        return "text in it is not in Unicode NFC"
    if _canonical(found, line) != line:
        return _twice(line) or "its bytes are not the canonical form (RFC 8785) of its value"
    return ""


def _canonical(found: Any, line: bytes) -> bytes:
    """RFC 8785, several times faster when no key can be beyond the Basic Multilingual Plane.

    Without floats the two differ only in the order of such keys.
    """
    if line.isascii() or not _BEYOND_BMP.search(line):
        return _FAST.encode(found).encode()
    return rfc8785.dumps(found)


def _twice(line: bytes) -> str:
    """Names a key that an object of the line has twice; only asked once something is wrong."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in found]
        again.extend(key for key in keys if keys.count(key) > 1)
        return dict(found)

    again: list[str] = []
    json.loads(line, object_pairs_hook=pairs)
    return f"key {again[0]!r} is there twice" if again else ""


def _plain(value: Any, place: str = "", depth: int = 0) -> Any:
    """The same value as dicts, lists and NFC text; `ValueError` names the place of what a record cannot hold."""
    if depth > DEEPEST:
        raise ValueError(f"{place[:80]}: nested deeper than {DEEPEST} levels")
    if isinstance(value, str):
        return _text(value, place)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _whole(value, place)
    if isinstance(value, list | tuple):
        return [_plain(item, f"{place}[{i}]", depth + 1) for i, item in enumerate(value)]
    return _object(value, place, depth)


def _object(value: Any, place: str, depth: int) -> dict[str, Any]:
    try:
        pairs = [(_key(key, place), item) for key, item in value.items()]
    except AttributeError:
        kind = type(value).__name__
        raise ValueError(f"{place}: a record holds no {kind}; write whole numbers in a smaller unit") from None
    found = {key: _plain(item, f"{place}.{key}" if place else key, depth + 1) for key, item in pairs}
    if len(found) < len(pairs):
        raise ValueError(f"{place}: two keys are the same text in Unicode NFC")
    return found


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{place}: key {key!r} is not text")
    return _text(key, place)


def _text(value: str, place: str) -> str:
    if value.isascii():
        return str(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{place}: text with half a surrogate pair; decode bytes with errors='replace'") from None
    return unicodedata.normalize("NFC", value)


def _whole(value: int, place: str) -> int:
    if abs(value) > GREATEST_INT:
        raise ValueError(f"{place}: {value} is beyond 2^53 - 1, where JSON readers disagree")
    return int(value)


def _unrecordable(draft: Draft, fault: str) -> Failure:
    return Failure(
        where=f"record {draft.type!r}",
        what="this cannot be recorded",
        why=fault,
        next="this is a defect of golive: report it with these lines",
    )


def _too_large(draft: Draft, size_bytes: int) -> Failure:
    return Failure(
        where=f"record {draft.type!r}",
        what=f"its line would have {size_bytes} bytes",
        why=f"a record has at most {MOST_BYTES}",
        next="keep the large part as an artifact under evidence/operations and name it in the record",
    )
