"""The checks of an environment, joined to what they look at; and the gate."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly import exercises
from golive.assembly.desk import desk
from golive.assembly.place import environment_of, folders, specification
from golive.assembly.views import verified
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.controller.gate import Gate
    from golive.controller.readiness import Outcome, Scratch, Watch
    from golive.gate.claims.check import Check


def checks(file: str, environment: str, only: Sequence[str] = (), marker: str = "probe") -> "tuple[Check, ...]":
    """The checks of an environment: those that golive has, and the team's own. `only`: those of these claims."""
    from golive.gate.claims.own import own_claims

    spec, _ = specification(file)
    chosen, here = environment_of(spec, environment, file), folders(file)
    own = own_claims(spec, environment)
    env = {"GOLIVE_ENVIRONMENT": environment, "GOLIVE_MARKER": marker}
    of_golive = (
        *exercises.tried_always(file, spec, chosen, here),
        *exercises.tried_as_said(spec.readiness, chosen, here.root, marker),
    )
    replaced = {claim.id for claim in own}
    found = (
        *(check for check in of_golive if check.claim not in replaced),
        *(exercises.own(claim, here.root, env) for claim in own),
    )
    _refuse_unknown(only, [check.claim for check in found])
    return tuple(check for check in found if not only or check.claim in only)


def _refuse_unknown(only: Sequence[str], known: Sequence[str]) -> None:
    for claim in only:
        if claim not in known:
            near = get_close_matches(claim, known, n=1)
            raise Failure(
                where=f"--only {claim}",
                what="golive ready tries no claim of this name",
                why=f"it tries: {', '.join(known)}",
                next=f"did you mean {near[0]}?" if near else "golive claims list says how the others are proven",
                code=Exit.USAGE,
            )


async def prove(file: str, environment: str, only: Sequence[str], watch: "Watch") -> "tuple[Outcome, ...]":
    """Exercise the checks of an environment and record what they proved."""
    from golive.controller import readiness
    from golive.evidence.redaction import Redactor
    from golive.release.past import fold

    spec, _ = specification(file)
    chosen = environment_of(spec, environment, file)
    redactor = Redactor(exercises.secrets(spec, chosen, folders(file)))
    with desk(file) as at, _scratch() as scratch:
        live = fold(at.records(), environment).live
        return await readiness.prove(
            checks(file, environment, only, at.clock.new_id()),
            at,
            environment,
            inputs={
                "config": spec.digest,
                "policy": at.trust().policy.digest,
                "migration": spec.digest,
                "artifact": live.digest if live else "",
            },
            redact=redactor.text,
            scratch=scratch,
            watch=watch,
        )


async def selftest(file: str, environment: str) -> "tuple[tuple[str, str], ...]":
    """The negative control of every check: claim, and red, or green when it cannot fail.

    Records nothing, and leaves the real thing alone: no exercise is run on it.
    """
    from golive.controller.readiness import plant
    from golive.drivers.checks.untried import Untried
    from golive.gate.claims.derived import READINGS, control

    with _scratch() as scratch:
        tried = [check for check in checks(file, environment) if not isinstance(check, Untried)]
        found = [(check.claim, await plant(check, scratch)) for check in tried]
    return (*found, *((claim, control(claim)) for claim in READINGS))


@contextmanager
def gate(file: str, environment: str) -> "Iterator[Gate]":
    """The gate of an environment, with its evidence verified just now."""
    from golive.controller.gate import Gate, vouched
    from golive.drivers.policies.cel import CelExpressions

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    evidence = folders(file).evidence
    with desk(file) as at:
        trouble, control = _trouble(evidence), _trouble_with_a_changed_byte(evidence)
        yield Gate(
            desk=at,
            spec=spec,
            environment=environment,
            verified=vouched(trouble, at, control),
            expressions=CelExpressions(),
        )


def _trouble(evidence: Path) -> Failure | None:
    try:
        verified(evidence, None)
    except Failure as failure:
        return failure
    return None


def _trouble_with_a_changed_byte(evidence: Path) -> Failure | None:
    """The same verification of a copy in which one byte of a record is another."""
    with tempfile.TemporaryDirectory(prefix="golive-control-") as folder:
        copy = Path(folder) / "evidence"
        if evidence.exists():
            shutil.copytree(evidence, copy, symlinks=True)
        records = copy / "operations" / "records.jsonl"
        content = bytearray(records.read_bytes() if records.exists() else b"")
        if content:
            content[len(content) // 2] ^= 1
            records.write_bytes(content)
        return _trouble(copy)


@contextmanager
def _scratch() -> "Iterator[Scratch]":
    with tempfile.TemporaryDirectory(prefix="golive-control-") as folder:
        yield lambda: tempfile.mkdtemp(dir=folder)
