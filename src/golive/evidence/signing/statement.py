"""in-toto Statements: "this subject, so says this predicate", as canonical JSON for a DSSE payload.

Shape: `{"_type", "predicate", "predicateType", "subject": [{"name", "digest": {"sha256"}}]}`; whole numbers only.
Source: https://in-toto.io/Statement/v1. `predicates` holds the types that golive writes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import rfc8785

from golive.evidence.record import Json
from golive.evidence.shape import tampered

PAYLOAD_TYPE = "application/vnd.in-toto+json"
TYPE = "https://in-toto.io/Statement/v1"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is spoken of."""

    name: str
    sha256: str  # 64 hex digits


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A claim about subjects."""

    subjects: tuple[Subject, ...]
    predicate_type: str  # a URI, never fetched
    predicate: Mapping[str, Json]

    def encoded(self) -> bytes:
        """Canonical JSON (RFC 8785), without newline: what is signed."""
        return rfc8785.dumps(
            {
                "_type": TYPE,
                "subject": [{"name": s.name, "digest": {"sha256": s.sha256}} for s in self.subjects],
                "predicateType": self.predicate_type,
                "predicate": dict(self.predicate),
            }
        )


def digest_of(value: Json) -> str:
    """SHA-256 of a value's canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def read(payload: bytes, where: str) -> Statement:
    """The statement of a payload; `Failure` (exit 5) unless `encoded` would have written these bytes."""
    try:
        found = json.loads(payload)
        statement = Statement(
            subjects=tuple(Subject(name=s["name"], sha256=s["digest"]["sha256"]) for s in found["subject"]),
            predicate_type=found["predicateType"],
            predicate=found["predicate"],
        )
        written = statement.encoded()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise tampered(where, "this is not an in-toto statement", str(error)) from error
    if written != payload:
        raise tampered(where, "this statement is not in its one form", "type, keys, order or spelling differ")
    return statement
