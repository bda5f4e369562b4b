"""JSON Schemas (draft 2020-12) of golive's own predicate types, for readers that are not golive."""

from collections.abc import Mapping
from typing import Any

from golive.evidence.signing.predicates import BASE, outcomes, signoff, waiver

_TEXT = {"type": "string"}
_DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_INSTANT = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"}
_WHOLE = {"type": "integer", "minimum": 0}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _map(values: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    signoff.TYPE: _object(
        decision={"enum": ["approve", "reject", "abstain", "revoke"]},
        person=_TEXT,
        role=_TEXT,
        environment=_TEXT,
        gate=_TEXT,
        configDigest=_DIGEST,
        planDigest=_DIGEST,
        policyDigest=_DIGEST,
        logHead=_object(origin=_TEXT, size=_WHOLE, digest=_DIGEST),
        signedAt=_INSTANT,
        notAfter=_INSTANT,
        emergency={"type": "boolean"},
        why=_TEXT,
        statement=_TEXT,
    ),
    waiver.TYPE: _object(
        claim=_TEXT,
        environment=_TEXT,
        person=_TEXT,
        role=_TEXT,
        reason=_TEXT,
        logHead=_object(size=_WHOLE, digest=_DIGEST),
        signedAt=_INSTANT,
        notAfter=_INSTANT,
        revokes={"type": "boolean"},
    ),
    BASE + "roster/v1": _object(
        version=_WHOLE,
        threshold=_WHOLE,
        persons=_map(
            _object(
                name=_TEXT,
                kind={"enum": ["human", "agent", "service"]},
                roles=_list(_TEXT),
                keys=_list(_object(key=_TEXT, first=_WHOLE, last={"type": ["integer", "null"]})),
                accounts=_list(_TEXT),
                emails=_list(_TEXT),
            )
        ),
    ),
    BASE + "policy/v1": _object(
        version=_WHOLE,
        quorums=_map(_object(persons=_WHOLE, roles=_list(_TEXT), distinctRoles=_WHOLE, lifetimeSeconds=_WHOLE)),
        emergencyRoles=_list(_TEXT),
        waiverRoles=_list(_TEXT),
        longestWaiverSeconds=_WHOLE,
    ),
    outcomes.DEPLOYMENT: _object(
        environment=_TEXT,
        rollout=_TEXT,
        kind={"enum": ["deploy", "rollback"]},
        outcome={"enum": ["succeeded", "rolled_back", "failed_safe", "needs_human"]},
        because=_TEXT,
        weights={"anyOf": [_map(_WHOLE), {"type": "null"}]},
        configDigest=_TEXT,
        approval=_TEXT,
        record=_WHOLE,
    ),
    outcomes.LOAD: _object(
        environment=_TEXT,
        scenario=_TEXT,
        ratePerSecond=_WHOLE,
        seconds=_WHOLE,
        requests=_WHOLE,
        failed=_WHOLE,
        latencyMicroseconds=_object(p50=_WHOLE, p95=_WHOLE, p99=_WHOLE),
        configDigest=_TEXT,
        verdict={"enum": ["pass", "fail"]},
        because=_TEXT,
    ),
    outcomes.ROLLBACK: _object(
        environment=_TEXT,
        rollout=_TEXT,
        outcome={"enum": ["succeeded", "rolled_back", "failed_safe", "needs_human"]},
        tookMicroseconds={"type": ["integer", "null"], "minimum": 0},
    ),
}
