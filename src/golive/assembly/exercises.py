"""The checks of an environment, joined to what they look at on this machine."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.checkup import examine
from golive.assembly.place import Folders
from golive.assembly.rehearsal import rehearse_rollback
from golive.assembly.site import readable_secrets
from golive.assembly.views import past_of

if TYPE_CHECKING:
    from golive.gate.claims.check import Check
    from golive.spec.values import Credential, Environment, OwnClaim, Readiness, Spec

NOWHERE = "0" * 12  # the name of a revision that nobody has
MOST_BYTES = 64 * 1024  # of a credential's file; a larger one is no credential


def tried_always(file: str, spec: "Spec", chosen: "Environment", here: Folders) -> "Iterator[Check]":
    """What golive tries in every service."""
    from golive.drivers.checks.machine import MachineReady
    from golive.drivers.checks.pipeline import PipelinePermitted
    from golive.drivers.checks.repository import SecretsNotInRepository
    from golive.drivers.checks.secrets import SecretsResolvable
    from golive.drivers.checks.target import TargetCapable
    from golive.drivers.commands import LocalCommands
    from golive.drivers.routers.envoy import CAPABILITIES
    from golive.release.strategies import stages

    root, asked = here.root, spec.readiness
    yield SecretsResolvable(root=root, environ=os.environ, refs={**spec.revision.secrets, **chosen.secrets})
    yield SecretsNotInRepository(root=root, secrets=secrets(spec, chosen, here), allowed=asked.not_secrets)
    programs = sorted({command[0] for command in (spec.revision.build, spec.revision.run) if command})
    yield MachineReady(root=root, programs=programs, least_free_mib=asked.least_free_mib)
    key = root / asked.deploy_key if asked.deploy_key else None
    yield PipelinePermitted(root=root, commands=LocalCommands(root), remote=asked.remote, deploy_key=key)
    yield TargetCapable(
        environment=chosen,
        stages=stages(chosen, first=False),
        capabilities=CAPABILITIES,
        lacking=lambda: _lacking(file, spec, chosen.name),
    )
    yield _way_back(file, chosen.name, asked, here)


def _way_back(file: str, environment: str, asked: "Readiness", here: Folders) -> "Check":
    from golive.drivers.checks.wayback import RollbackPlanned

    past = past_of(here, environment)
    return RollbackPlanned(
        rehearse=lambda: rehearse_rollback(file, environment, None),
        rehearse_to_nowhere=lambda: rehearse_rollback(file, environment, NOWHERE),
        earlier=len(past.line) - 1 if past.live else 0,
        environment=environment,
        plan=here.root / asked.rollback_plan if asked.rollback_plan else None,
    )


async def _lacking(file: str, spec: "Spec", environment: str) -> list[str]:
    """What `golive doctor` finds missing, except what concerns other environments."""
    others = tuple(f"({name})" for name in spec.environments if name != environment)
    found = await examine(file)
    return [f"{one.name}: {one.what}" for one in found if one.state == "missing" and not one.name.endswith(others)]


def tried_as_said(asked: "Readiness", chosen: "Environment", root: Path, marker: str) -> "Iterator[Check]":
    """What readiness: says how to try, and what it does not say."""
    from golive.drivers.checks.credentials import CredentialsValid
    from golive.drivers.checks.migration import MigrationReversible
    from golive.drivers.checks.untried import not_configured
    from golive.drivers.commands import LocalCommands

    commands = LocalCommands(root)
    if asked.credentials:
        yield CredentialsValid(root=root, environ=os.environ, commands=commands, credentials=asked.credentials)
    else:
        yield not_configured("credentials-valid", "readiness.credentials")
    yield from _channels(asked, root, marker)
    if asked.migration:
        yield MigrationReversible(commands=commands, migration=asked.migration, promised=chosen.retain)
    else:
        yield not_configured("migration-reversible", "readiness.migration")


def _channels(asked: "Readiness", root: Path, marker: str) -> "Iterator[Check]":
    from golive.drivers.checks.channels import ChannelReceived
    from golive.drivers.checks.untried import declared, not_configured
    from golive.drivers.commands import LocalCommands
    from golive.gate.claims.own import CHANNELS

    for name, claim in CHANNELS.items():
        channel = asked.channels.get(name)
        if channel is None:
            yield not_configured(claim, f"readiness.channels.{name}")
        elif channel.declared:
            yield declared(claim, channel.declared)
        else:
            yield ChannelReceived(claim=claim, commands=LocalCommands(root), channel=channel, marker=marker)


def own(claim: "OwnClaim", root: Path, env: Mapping[str, str]) -> "Check":
    """A claim of the team's own."""
    from golive.drivers.checks.commands import CommandCheck
    from golive.drivers.checks.untried import declared
    from golive.drivers.commands import LocalCommands

    if claim.declared:
        return declared(claim.id, claim.declared)
    return CommandCheck(
        claim=claim.id,
        commands=LocalCommands(root),
        exercise_command=claim.exercise,
        control_command=claim.control,
        timeout=claim.timeout,
        env=env,
    )


def secrets(spec: "Spec", chosen: "Environment", here: Folders) -> dict[str, str]:
    """Every value that must be neither shown nor found: the service's secrets, and the credentials."""
    found = readable_secrets(spec, chosen, here)
    return found | {one.name: value for one in spec.readiness.credentials if (value := _value(one, here.root))}


def _value(one: "Credential", root: Path) -> str:
    if one.env:
        return os.environ.get(one.env, "")
    if not one.file:
        return ""
    try:
        with (root / one.file).open("rb") as file:
            return file.read(MOST_BYTES).decode(errors="replace").strip()
    except OSError:
        return ""
