"""Running exercises with their negative controls, and recording what each proved."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from golive.controller.desk import Desk
from golive.errors import Failure
from golive.evidence.claim import Control, Exercised
from golive.evidence.record import Artifact, Json, Record
from golive.gate.claims.check import Check

Scratch = Callable[[], str]  # a fresh empty folder
Watch = Callable[[str, Exercised, Control], None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one check said, of the real thing and of the planted fault."""

    claim: str
    exercised: Exercised
    control: Control

    def body(self, inputs: Mapping[str, str]) -> dict[str, Json]:
        return {
            "claim": self.claim,
            "answer": self.exercised.answer,
            "because": self.exercised.because,
            "next": self.exercised.next,
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
    except OSError as error:  # the outside: a file that went away, a disk that is full
        exercised = Exercised(answer="refuted", because=str(error))
    return Outcome(claim=check.claim, exercised=exercised, control=control)


async def plant(check: Check, scratch: Scratch) -> Control:
    """Run only the control: the exercise under the opposite fault."""
    try:
        planted = await check.control(scratch())
    except (Failure, OSError):  # the fault could not even be planted: nothing was shown
        return "not run"
    if planted.answer in ("declared", "nothing"):  # there is nothing here in which a fault could be planted
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
    """Run every check, record each claim as soon as it was exercised, and the checklist at the end.

    `redact` takes secrets out before anything is shown or recorded.
    """
    journal, outcomes = desk.journal(environment), []
    for check in checks:
        outcome = _without_secrets(await exercise(check, scratch), redact)
        watch(outcome.claim, outcome.exercised, outcome.control)
        journal.append("claim.exercised", body=outcome.body(inputs), artifacts=_facts(desk, environment, outcome))
        outcomes.append(outcome)
    _keep_checklist(desk, environment, [outcome.body(inputs) for outcome in outcomes])
    return tuple(outcomes)


def _without_secrets(outcome: Outcome, redact: Callable[[str], str]) -> Outcome:
    said = outcome.exercised
    facts = {name: redact(fact) if isinstance(fact, str) else fact for name, fact in said.facts.items()}
    return replace(
        outcome, exercised=replace(said, because=redact(said.because), next=redact(said.next), facts=facts)
    )


def _facts(desk: Desk, environment: str, outcome: Outcome) -> tuple[Artifact, ...]:
    """What the exercise measured, as a file."""
    if not outcome.exercised.facts:
        return ()
    return (_kept(desk, f"readiness/{environment}/{outcome.claim}.json", outcome.exercised.facts),)


def _keep_checklist(desk: Desk, environment: str, bodies: Sequence[Mapping[str, Json]]) -> Record:
    content = {"environment": environment, "at": desk.clock.now().isoformat(), "claims": list(bodies)}
    kept = _kept(desk, f"readiness/{environment}/checklist.json", content)
    return desk.journal(environment).append("readiness.checked", artifacts=(kept,))


def _kept(desk: Desk, path: str, content: Mapping[str, object]) -> Artifact:
    text = json.dumps(dict(content), indent=2, ensure_ascii=False)
    return desk.artifacts.keep(path, text.encode() + b"\n", "application/json")
