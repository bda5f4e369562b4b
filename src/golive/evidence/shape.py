"""The shape of a record's line: which keys it has, and how they map to a `Draft`. Cheap to import.

Closed schema, version 1: an unknown or missing key is a fault. Integers stay within ±(2^53 - 1), so that every
JSON reader agrees on them; `mono_ns` is written as decimal digits in a string because nanoseconds pass that
limit after 104 days of uptime. Source: `docs/reference/evidence.md`.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from golive.errors import Exit, Failure
from golive.evidence.record import Actor, Artifact, Draft, Json, Record

VERSION = 1
GREATEST_INT = 2**53 - 1
NO_DIGEST = "0" * 64  # what the first record names as its predecessor
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")  # every part of a path under evidence/

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_DIGITS = re.compile(r"0|[1-9][0-9]{0,19}")


def tampered(where: str, what: str, why: str = "") -> Failure:
    """The failure for evidence that is not what was written: exit 5."""
    return Failure(
        where=where,
        what=what,
        why=why,
        next="restore the evidence folder from a copy that you trust, such as git, then golive evidence verify",
        code=Exit.TAMPERED,
    )


def as_object(draft: Draft, seq: int, prev: str) -> dict[str, Any]:
    """The record as plain JSON values, not yet checked. Instants lose what is below a millisecond."""
    return {
        "v": VERSION,
        "seq": seq,
        "prev": prev,
        "id": draft.id,
        "ts": instant(draft.at),
        "boot": draft.boot,
        "mono_ns": str(draft.mono_ns),
        "epoch": draft.epoch,
        "type": draft.type,
        "env": draft.environment,
        "release": draft.rollout,
        "actor": {"id": draft.actor.id, "kind": draft.actor.kind},
        "cause": list(draft.cause),
        "result": draft.result,
        "data": draft.body,
        "artifacts": [_artifact_object(artifact) for artifact in draft.artifacts],
    }


def instant(at: datetime) -> str:
    """UTC with milliseconds, such as `2026-01-02T03:04:05.678Z`; a naive instant is a programming error."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone cannot be recorded")
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def read_trusted(line: bytes, where: str = "record") -> Record:
    """The record of a line whose digest was checked already: types are taken as written.

    `canonical.decode` is the strict way, for lines from anywhere. Raises `Failure` (exit 5) all the same when
    the line is no record.
    """
    try:
        return as_record(json.loads(line), line)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise tampered(where, "this is not a record", str(error)) from error


def as_record(found: Mapping[str, Any], line: bytes) -> Record:
    """The values of a parsed line as a `Record`; `found` has the shape that `fault_in` accepts."""
    draft = Draft(
        id=found["id"],
        at=datetime.fromisoformat(found["ts"]),
        mono_ns=int(found["mono_ns"]),
        boot=found["boot"],
        type=found["type"],
        environment=found["env"],
        rollout=found["release"],
        epoch=found["epoch"],
        actor=Actor(id=found["actor"]["id"], kind=found["actor"]["kind"]),
        cause=tuple(found["cause"]),
        result=found["result"],
        body=found["data"],
        artifacts=tuple(_artifact(item) for item in found["artifacts"]),
    )
    return Record(seq=found["seq"], prev=found["prev"], draft=draft, line=line.decode(), digest=digest_of(line))


def digest_of(line: bytes) -> str:
    """What the next record names as `prev`."""
    return hashlib.sha256(line).hexdigest()


def fault_in(found: object) -> str:
    """Why a parsed line is not a record of this version, as "key: reason"; "" when it is one."""
    if not isinstance(found, dict):
        return "it is not a JSON object"
    fault = _closed(found, _RULES, "")
    if fault:
        return fault
    if any(not 0 < seq < found["seq"] for seq in found["cause"]):
        return "cause: it names a record that is not an earlier one"
    return next((fault for item in found["artifacts"] if (fault := _closed(item, _ARTIFACT, "artifacts: "))), "")


def is_artifact_path(path: object) -> bool:
    """Relative to `evidence/`, every part a `FILE_NAME`: no `..`, no empty part, nothing hidden."""
    return isinstance(path, str) and all(FILE_NAME.fullmatch(part) for part in path.split("/"))


def _artifact_object(artifact: Artifact) -> dict[str, Json]:
    return {
        "path": artifact.path,
        "sha256": artifact.sha256,
        "size": artifact.size_bytes,
        "mediaType": artifact.media_type,
        "redactions": artifact.redactions,
    }


def _artifact(found: Mapping[str, Any]) -> Artifact:
    return Artifact(
        path=found["path"],
        sha256=found["sha256"],
        size_bytes=found["size"],
        media_type=found["mediaType"],
        redactions=found["redactions"],
    )


Rule = Callable[[Any], bool]


def _closed(found: object, rules: Mapping[str, Rule], place: str) -> str:
    if not isinstance(found, dict):
        return f"{place}it is not an object"
    if found.keys() != rules.keys():
        odd = sorted(found.keys() ^ rules.keys())[0]
        return f"{place}{odd}: {'unknown key' if odd in found else 'missing'}"
    for key, holds in rules.items():
        if not holds(found[key]):
            return f"{place}{key}: {json.dumps(found[key])[:80]} is not allowed here"
    return ""


def _whole(least: int) -> Rule:
    return lambda value: type(value) is int and least <= value <= GREATEST_INT


def _text(most: int, least: int = 0) -> Rule:
    return lambda value: isinstance(value, str) and least <= len(value) <= most


def _matching(pattern: re.Pattern[str]) -> Rule:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_instant(value: object) -> bool:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_actor(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"id", "kind"}
        and isinstance(value["id"], str)
        and value["kind"] in ("human", "agent", "system")
    )


_RULES: dict[str, Rule] = {
    "v": lambda value: type(value) is int and value == VERSION,
    "seq": _whole(1),
    "prev": _matching(_DIGEST),
    "id": _text(200, least=1),
    "ts": _is_instant,
    "boot": _text(200),
    "mono_ns": _matching(_DIGITS),
    "epoch": _whole(0),
    "type": _matching(_TYPE),
    "env": _text(200),
    "release": _text(200),
    "actor": _is_actor,
    "cause": lambda value: isinstance(value, list) and all(type(seq) is int for seq in value),
    "result": lambda value: value in ("", "ok", "failed", "unknown"),
    "data": lambda value: isinstance(value, dict),
    "artifacts": lambda value: isinstance(value, list),
}

_ARTIFACT: dict[str, Rule] = {
    "path": is_artifact_path,
    "sha256": _matching(_DIGEST),
    "size": _whole(0),
    "mediaType": _text(200, least=1),
    "redactions": _whole(0),
}
