"""Running exercises with their negative controls, and recording what each proved."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from golive.controller.desk import Desk
from golive.errors import Failure
from golive.evidence.claim import Control, Exercised
from golive.evidence.record import Json, Record
from golive.gate.claims.check import Check

Scratch = Callable[[], str]  # a fresh empty folder
Watch = Callable[[str, Exercised, Control], None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one check said, of the real thing and of the planted fault."""

    claim: str
    exercised: Exercised
    control: Control

    def body(self, inputs: Mapping[str, str], redact: Callable[[str], str]) -> dict[str, Json]:
        return {
            "claim": self.claim,
            "answer": self.exercised.answer,
            "because": redact(self.exercised.because),
            "next": redact(self.exercised.next),
            "control": self.control,
            "inputs": dict(inputs),
        }


async def exercise(check: Check, scratch: Scratch) -> Outcome:
    """Run the control first: an exercise that cannot fail is not believed."""
    control = await plant(check, scratch)
    try:
        exercised = await check.exercise()
    except Failure as failure:
        exercised = Exercised(answer="refuted", because=str(failure), next=failure.next)
    return Outcome(claim=check.claim, exercised=exercised, control=control)


async def plant(check: Check, scratch: Scratch) -> Control:
    """Run only the control: the exercise under the opposite fault."""
    try:
        planted = await check.control(scratch())
    except Failure:  # the fault could not even be planted: nothing was shown
        return "not run"
    return "red" if planted.answer == "refuted" else "green"


async def prove(
    checks: Sequence[Check],
    desk: Desk,
    environment: str,
    *,
    inputs: Mapping[str, str],
    redact: Callable[[str], str],
    scratch: Scratch,
    watch: Watch,
) -> tuple[Outcome, ...]:
    """Run every check, record each claim as soon as it was exercised, and the checklist at the end."""
    journal, outcomes = desk.journal(environment), []
    for check in checks:
        outcome = await exercise(check, scratch)
        watch(outcome.claim, outcome.exercised, outcome.control)
        journal.append("claim.exercised", body=outcome.body(inputs, redact))
        outcomes.append(outcome)
    _keep_checklist(desk, environment, [outcome.body(inputs, redact) for outcome in outcomes])
    return tuple(outcomes)


def _keep_checklist(desk: Desk, environment: str, bodies: Sequence[Mapping[str, Json]]) -> Record:
    at = desk.clock.now()
    content = json.dumps({"environment": environment, "at": at.isoformat(), "claims": list(bodies)}, indent=2)
    path = f"readiness/checklist-{environment}.json"
    kept = desk.artifacts.keep(path, content.encode() + b"\n", "application/json")
    return desk.journal(environment).append("readiness.checked", artifacts=(kept,))
