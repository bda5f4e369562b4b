"""What an exercise showed, kept: all of it as a file, signed as a test result, and the record of its claim."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from golive.assembly.seal import log_key

if TYPE_CHECKING:
    from golive.controller.desk import Desk
    from golive.evidence.record import Json
    from golive.spec.values import Spec


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One exercise of a claim, in an environment. `passed` and `failed` name what was tried, one by one."""

    claim: str
    environment: str
    answer: str  # proven, refuted, or nothing
    because: str
    control: str  # red when the opposite fault turned it, green when not, "not run"
    next: str
    name: str  # of the file, without ending
    content: Mapping[str, Any]
    passed: Sequence[str]
    failed: Sequence[str]


def record(at: "Desk", file: str, spec: "Spec", shown: Shown) -> None:
    """Keep it. The newest record of a claim is what counts."""
    from golive.controller.attesting import attest_exercise

    text = json.dumps(shown.content, indent=1, ensure_ascii=False, default=lambda one: one.isoformat()) + "\n"
    kept = at.artifacts.keep(f"{shown.name}.json", text.encode(), "application/json")
    body: dict[str, Json] = {
        "claim": shown.claim,
        "answer": shown.answer,
        "because": shown.because,
        "next": "" if shown.answer == "proven" else shown.next,
        "control": shown.control,
        "inputs": {"config": spec.digest},
    }
    exercised = at.journal(shown.environment).append("claim.exercised", body=body, artifacts=(kept,))
    attest_exercise(at, log_key(file), spec.service, exercised, passed=shown.passed, failed=shown.failed)
