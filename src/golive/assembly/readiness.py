"""The checks of an environment, joined to what they look at; and the gate."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.checkup import examine
from golive.assembly.desk import desk
from golive.assembly.place import environment_of, folders, specification
from golive.assembly.rehearsal import rehearse_rollback
from golive.assembly.views import verified
from golive.errors import Failure

if TYPE_CHECKING:
    from golive.controller.gate import Gate
    from golive.controller.readiness import Outcome, Scratch, Watch
    from golive.gate.claims.check import Check
    from golive.spec.values import Environment, OwnClaim, Spec


def checks(file: str, environment: str, marker: str = "probe") -> "tuple[Check, ...]":
    """Every check that this version and the team's file have for an environment."""
    from golive.assembly.site import readable_secrets
    from golive.drivers.checks.machine import MachineReady
    from golive.drivers.checks.pipeline import PipelinePermitted
    from golive.drivers.checks.secrets import SecretsNotInRepository, SecretsResolvable
    from golive.drivers.checks.target import TargetCapable
    from golive.drivers.checks.wayback import RollbackPlanned
    from golive.drivers.routers.envoy import CAPABILITIES
    from golive.release.strategies import stages

    spec, _ = specification(file)
    chosen, root = environment_of(spec, environment, file), folders(file).root
    refs = {**spec.revision.secrets, **chosen.secrets}
    programs = sorted({command[0] for command in (spec.revision.build, spec.revision.run) if command})
    found: list[Check] = [
        SecretsResolvable(root=root, environ=os.environ, refs=refs),
        SecretsNotInRepository(root=root, secrets=readable_secrets(spec, chosen, folders(file))),
        MachineReady(root=root, programs=programs),
        PipelinePermitted(root=root),
        TargetCapable(
            environment=chosen,
            stages=stages(chosen, first=False),
            capabilities=CAPABILITIES,
            lacking=lambda: _lacking(file, environment),
        ),
        RollbackPlanned(
            rehearse=lambda: rehearse_rollback(file, environment, None),
            rehearse_where_nothing_is_live=lambda: rehearse_rollback(file, environment, "0" * 12),
        ),
        *_configured(spec, chosen, root, marker),
    ]
    own = [claim for claim in spec.claims if not claim.environments or environment in claim.environments]
    replaced = {claim.id for claim in own}
    return (
        *(check for check in found if check.claim not in replaced),
        *(_own(claim, root, {"GOLIVE_ENVIRONMENT": environment, "GOLIVE_MARKER": marker}) for claim in own),
    )


CHANNELS = {
    "metrics": "metrics-received",
    "logs": "logs-received",
    "traces": "traces-received",
    "incidents": "incident-channel-received",
}


def _configured(spec: "Spec", chosen: "Environment", root: Path, marker: str) -> "Iterator[Check]":
    """The checks that readiness: in the file asks for."""
    from golive.drivers.checks.channels import ChannelReceived
    from golive.drivers.checks.credentials import CredentialsValid
    from golive.drivers.checks.migration import MigrationReversible
    from golive.drivers.commands import LocalCommands

    asked, commands = spec.readiness, LocalCommands(root)
    if asked.credentials:
        yield CredentialsValid(root=root, environ=os.environ, commands=commands, credentials=asked.credentials)
    for name, channel in asked.channels.items():
        yield ChannelReceived(claim=CHANNELS[name], commands=commands, channel=channel, marker=marker)
    if asked.migration:
        yield MigrationReversible(commands=commands, migration=asked.migration, promised=chosen.retain)


async def _lacking(file: str, environment: str) -> list[str]:
    """What `golive doctor` finds missing, except what concerns other environments."""
    found = await examine(file)
    spec, _ = specification(file)
    others = [f"({name})" for name in spec.environments if name != environment]
    missing = [one for one in found if one.state == "missing" and not one.name.endswith(tuple(others))]
    return [f"{one.name}: {one.what}" for one in missing]


def _own(claim: "OwnClaim", root: Path, env: dict[str, str]) -> "Check":
    from golive.drivers.checks.commands import CommandCheck, DeclaredCheck
    from golive.drivers.commands import LocalCommands

    if claim.declared:
        return DeclaredCheck(claim=claim.id, declared=claim.declared)
    return CommandCheck(
        claim=claim.id,
        commands=LocalCommands(root),
        exercise_command=claim.exercise,
        control_command=claim.control,
        timeout=claim.timeout,
        env=env,
    )


async def prove(file: str, environment: str, only: Sequence[str], watch: "Watch") -> "tuple[Outcome, ...]":
    """Exercise the checks of an environment and record what they proved."""
    from golive.assembly.site import readable_secrets
    from golive.controller import readiness
    from golive.evidence.redaction import Redactor
    from golive.release.past import fold

    spec, _ = specification(file)
    chosen = environment_of(spec, environment, file)
    redactor = Redactor(readable_secrets(spec, chosen, folders(file)))
    with desk(file) as at, _scratch() as scratch:
        live = fold(at.records(), environment).live
        found = checks(file, environment, at.clock.new_id())
        return await readiness.prove(
            [check for check in found if not only or check.claim in only],
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
    from golive.gate.claims.derived import READINGS, control

    with _scratch() as scratch:
        found = [(check.claim, await plant(check, scratch)) for check in checks(file, environment)]
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
