"""Performing one step: the only place where a plan touches the world. No decisions here."""

import json
from dataclasses import dataclass, field
from typing import Any

from golive.controller.outside import Outside
from golive.controller.smoking import smoke_by_command, smoke_by_steps
from golive.errors import Failure
from golive.evidence.record import Artifact, Json, Result
from golive.judge.assessment import Assessment, evidence_body
from golive.judge.verdict import Answer, Verdict
from golive.release.commands import Ran
from golive.release.sight import Seen
from golive.release.steps import Attach, Confirm, Judge, Narrow, Prepare, RunHook, Shift, Smoke, Start, Step, Stop
from golive.release.wanted import Wanted
from golive.spec.values import Hook, SmokeTest


@dataclass(frozen=True, kw_only=True)
class Performed:
    """How a step ended. `answer` FAIL turns the rollout back; a mere `failed` is tried again first."""

    result: Result
    because: str = ""
    answer: Answer | None = None
    body: dict[str, Json] = field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()

    def as_body(self, key: str) -> dict[str, Json]:
        said: dict[str, Json] = {"key": key, "because": self.because}
        return said | ({"answer": str(self.answer)} if self.answer else {}) | self.body


async def perform(step: Step, wanted: Wanted, seen: Seen, smoke: SmokeTest | None, outside: Outside) -> Performed:
    """Perform `step`; a `Failure` of a driver becomes a failed outcome with its reason.

    So does a defect of ours: in the middle of a rollout the way back is worth more than a stack trace.
    """
    try:
        return await _act(step, wanted, seen, smoke, outside)
    except Failure as failure:
        return Performed(result="failed", because="; ".join(failure.lines()))
    except Exception as defect:
        return Performed(result="failed", because=f"a defect of golive: {type(defect).__name__}: {defect}")


async def _act(step: Step, wanted: Wanted, seen: Seen, smoke: SmokeTest | None, outside: Outside) -> Performed:
    place = wanted.environment
    match step:
        case Prepare(revision=revision):
            await outside.target.prepare(revision)
        case Start(revision=revision, instances=instances):
            await outside.target.start(revision, instances)
        case Attach(revision=revision, endpoints=endpoints) | Narrow(revision=revision, endpoints=endpoints):
            await outside.router.attach(revision, endpoints)
        case Shift(new=new, old=old, weight=weight):
            await outside.router.shift(new, old, weight)
            return Performed(result="ok", body={"weight": weight})
        case Stop(revision=revision, keep=keep):
            await outside.target.stop(revision, keep, place.drain)
        case Confirm(revision=revision):
            await outside.target.prepare(revision)
            return _confirmed(wanted, outside)
        case RunHook():
            return await _hook(step, wanted, outside)
        case Smoke() if smoke is not None:
            return await _smoke(step, wanted, seen, smoke, outside)
        case _:
            raise AssertionError(f"{step} is recorded, not performed")
    return Performed(result="ok")


def _confirmed(wanted: Wanted, outside: Outside) -> Performed:
    """Read again, not remembered: somebody may have left the roster, or taken a sign-off back, since."""
    decision = outside.approvals.confirm(wanted)
    if decision.admitted:
        return Performed(result="ok", because=decision.because)
    return Performed(result="failed", answer=Answer.FAIL, because=decision.because)


async def _hook(step: RunHook, wanted: Wanted, outside: Outside) -> Performed:
    place = wanted.environment
    hooks: tuple[Hook, ...] = place.before if step.when == "before" else place.after
    hook = next(h for h in hooks if h.name == step.name)
    env = {
        "GOLIVE_ENVIRONMENT": place.name,
        "GOLIVE_ROLLOUT": wanted.rollout,
        "GOLIVE_REVISION": wanted.new.name,
    }
    ran = await outside.commands.run(hook.command, env=env, stdin=b"", timeout=hook.timeout)
    log = outside.artifacts.keep(
        f"deployments/{wanted.rollout}/hook-{step.when}-{hook.name}.log", ran.output, "text/plain"
    )
    if ran.exit_code == 0:
        return Performed(result="ok", body={"elapsed_ms": ran.elapsed_ms}, artifacts=(log,))
    return Performed(
        result="failed",
        answer=Answer.FAIL,
        because=f"hook {hook.name} {how_it_ended(ran)}; its output is evidence/{log.path}",
        artifacts=(log,),
    )


def how_it_ended(ran: Ran) -> str:
    """ "exited 1 after 20 ms", or that it was ended at its timeout."""
    if ran.exit_code is None:
        return f"was ended after {ran.elapsed_ms} ms, its timeout"
    return f"exited {ran.exit_code} after {ran.elapsed_ms} ms"


async def _smoke(step: Smoke, wanted: Wanted, seen: Seen, smoke: SmokeTest, outside: Outside) -> Performed:
    header = (seen.routing.header, step.revision.name) if step.marked and seen.routing.header else None
    if smoke.command:
        verdict, report = await smoke_by_command(smoke, seen.routing.entry, header, outside.commands)
    else:
        verdict, report = await smoke_by_steps(smoke, seen.routing.entry, header, outside.prober)
    when = "before" if step.marked else "after"
    kept = outside.artifacts.keep(
        f"deployments/{wanted.rollout}/smoke-{when}.json", _pretty(report), "application/json"
    )
    passed = verdict.answer is Answer.PASS
    return Performed(
        result="ok" if passed else "failed",
        answer=Answer.PASS if passed else Answer.FAIL,
        because=verdict.because,
        artifacts=(kept,),
    )


def judged(
    step: Judge, verdict: Verdict, found: Assessment, series: dict[str, Any], rollout: str, outside: Outside
) -> Performed:
    """Keep what the verdict was computed from, and say how the evidence stood."""
    kept = outside.artifacts.keep(
        f"deployments/{rollout}/series-{step.weight}-{outside.clock.now():%H%M%S%f}.json",
        _pretty(series),
        "application/json",
    )
    return Performed(
        result="ok",
        answer=verdict.answer,
        because=verdict.because,
        body={
            "weight": step.weight,
            "requests": verdict.requests,
            "errors": verdict.errors,
            "evidence": evidence_body(found),
        },
        artifacts=(kept,),
    )


def _pretty(body: object) -> bytes:
    return json.dumps(body, indent=1, ensure_ascii=False).encode() + b"\n"
