"""A gate's decision for auditors: OSCAL assessment results, and a table of controls.

Ids of controls and our own words only; the texts of frameworks belong to others. An auditor should look the
mapping over once. OSCAL is an export and never what is trusted: the same decision always gives the same document.
"""

import hashlib
import json
from typing import Any

from golive import __version__
from golive.evidence.shape import instant
from golive.gate.decision import LETS_PASS, GateDecision
from golive.gate.mapping import ALSO
from golive.gate.outputs.sheet import cell, sheet

OSCAL_VERSION = "1.1.3"
NAMESPACE = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")  # of URLs, RFC 4122
CATALOG = "https://golive.invalid/oscal/"


def controls(decision: GateDecision) -> dict[str, list[str]]:
    """Every control, and the claims of this gate that serve it."""
    found: dict[str, list[str]] = {}
    for one in decision.judged:
        for named in one.claim.controls:
            for control in (named, *ALSO.get(named, ())):
                found.setdefault(control, []).append(one.claim.id)
    return dict(sorted(found.items()))


def table(decision: GateDecision) -> str:
    """One line for each control and claim, as CSV: what auditors open in a spreadsheet."""
    judged = {one.claim.id: one for one in decision.judged}
    rows = []
    for control, claims in controls(decision).items():
        for name in claims:
            one = judged[name]
            files = " ".join(artifact.path for artifact in one.proof.artifacts) if one.proof else ""
            rows.append((control, name, one.verdict, one.because, one.proof.seq if one.proof else "", files))
    return sheet(("control", "claim", "verdict", "because", "record", "files"), rows)


def oscal(decision: GateDecision) -> str:
    """Assessment results: an observation for each claim, a finding for each NIST control."""
    at, key = instant(decision.at), f"{decision.service}/{decision.environment}/{instant(decision.at)}"
    observations = [_observation(one.claim.id, one, key, at) for one in decision.judged]
    result = {
        "uuid": _uuid(f"{key}/result"),
        "title": f"{decision.phase} gate for {decision.environment}",
        "description": "What golive found proven, by exercises that were seen to fail under a planted fault.",
        "start": at,
        "reviewed-controls": {"control-selections": [_selected(decision)]},
        "observations": observations,
        "findings": _findings(decision, key),
    }
    result = {name: value for name, value in result.items() if value}  # a list may be missing, and not be empty
    body = {
        "assessment-results": {
            "uuid": _uuid(key),
            "metadata": {
                "title": f"{decision.service}: {decision.phase} gate",
                "last-modified": at,
                "version": __version__,
                "oscal-version": OSCAL_VERSION,
            },
            "import-ap": {"href": f"#{_uuid(f'{key}/plan')}"},
            "results": [result],
        }
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _observation(name: str, one: Any, key: str, at: str) -> dict[str, Any]:
    files = one.proof.artifacts if one.proof else ()
    found = {
        "uuid": _uuid(f"{key}/observation/{name}"),
        "title": name,
        "description": f"{one.claim.statement}: {one.verdict}, {cell(one.because) or '-'}",
        "methods": ["TEST"],
        "collected": instant(one.proof.at) if one.proof else at,
        "props": [{"name": "verdict", "ns": CATALOG, "value": str(one.verdict)}],
    }
    evidence = [{"href": f"evidence/{a.path}", "description": f"SHA-256 {a.sha256}"} for a in files]
    return {**found, "relevant-evidence": evidence} if evidence else found


def _findings(decision: GateDecision, key: str) -> list[dict[str, Any]]:
    judged = {one.claim.id: one for one in decision.judged}
    return [
        {
            "uuid": _uuid(f"{key}/finding/{control}"),
            "title": control,
            "description": f"claims: {', '.join(claims)}",
            "target": {
                "type": "objective-id",
                "target-id": f"{_nist(control)}_obj",
                "status": {
                    "state": "satisfied"
                    if all(judged[name].verdict in LETS_PASS for name in claims)
                    else "not-satisfied"
                },
            },
            "related-observations": [{"observation-uuid": _uuid(f"{key}/observation/{n}")} for n in claims],
        }
        for control, claims in controls(decision).items()
        if control.startswith("NIST:")
    ]


def _selected(decision: GateDecision) -> dict[str, Any]:
    """The controls that were looked at. OSCAL has no way to select none, so that is said in words."""
    named = [{"control-id": _nist(control)} for control in controls(decision) if control.startswith("NIST:")]
    none = {"description": "None: no claim of this gate names a control of NIST.", "include-all": {}}
    return {"include-controls": named} if named else none


def _nist(control: str) -> str:
    """`NIST:AU-9(3)` as OSCAL's catalog writes it: `au-9.3`."""
    return control.removeprefix("NIST:").lower().replace("(", ".").replace(")", "")


def _uuid(name: str) -> str:
    """UUID version 5 of a name, so that the same decision gives the same document."""
    digest = bytearray(hashlib.sha1(NAMESPACE + (CATALOG + name).encode(), usedforsecurity=False).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
