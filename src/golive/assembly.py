"""Joining rooms to drivers: the only file that names a driver.

Every function here takes the operator's file and an environment and hands back something that works. Drivers
are imported where they are needed, so that a command pays only for what it uses.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from golive.errors import Exit, Failure
from golive.evidence.ledger import Head
from golive.release.past import Past, fold
from golive.release.target import Routing

if TYPE_CHECKING:
    from golive.controller.outside import Outside
    from golive.controller.site import Site
    from golive.drivers.routers.envoy import EnvoyRouter
    from golive.drivers.supervisors.supervisord import Supervisord
    from golive.drivers.targets.local import LocalTarget
    from golive.release.revision import Revision
    from golive.release.wanted import Wanted
    from golive.spec.values import Environment, SecretRef, Spec

STATE = ".golive"
EVIDENCE = "evidence"
DOWN_DRAIN = timedelta(seconds=5)


@dataclass(frozen=True)
class Folders:
    """Where a service keeps things, all beside its golive.yaml."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / STATE

    @property
    def evidence(self) -> Path:
        return self.root / EVIDENCE

    def environment(self, name: str) -> Path:
        return self.state / "environments" / name


@dataclass(frozen=True, kw_only=True)
class View:
    """What can be said of an environment without touching it."""

    past: Past
    routing: Routing | None
    unreachable: str  # why there is no routing
    holder: str  # the controller at work, or ""


def folders(file: str) -> Folders:
    return Folders(Path(file).resolve().parent)


def specification(file: str) -> "tuple[Spec, bytes]":
    """The parsed file and its bytes, or a `Failure` that says what is wrong with it."""
    from golive.spec.parse import parse

    try:
        text = Path(file).read_bytes()
    except OSError as error:
        raise Failure(
            where=file,
            what="there is no specification here" if not Path(file).exists() else "it cannot be read",
            why=error.strerror or str(error),
            next="golive init writes one for the application in this folder",
            code=Exit.USAGE,
        ) from error
    return parse(text, name=file), text


@asynccontextmanager
async def site(file: str, environment: str, *, resuming: bool = False) -> "AsyncIterator[Site]":
    """Real drivers for one environment. `resuming`: with the specification that its rollout began with."""
    from golive.controller.site import Site
    from golive.drivers.artifacts import ArtifactStore
    from golive.drivers.builders.folder import FolderBuilder
    from golive.drivers.checkout import checkout, machine, person, place
    from golive.drivers.clock import SystemClock
    from golive.drivers.ledgers.sqlite import SqliteLedger
    from golive.evidence.ledger import Holder
    from golive.evidence.record import Actor
    from golive.evidence.redaction import Redactor

    here = folders(file)
    ledger = SqliteLedger(here.state, here.evidence)
    spec, text = _begun_with(file, environment, ledger.read(environment)) if resuming else specification(file)
    chosen = _environment(spec, environment, file)
    redactor = Redactor(_secrets(spec, chosen, here))
    artifacts = ArtifactStore(here.evidence, redactor)
    clock = SystemClock()
    builder = FolderBuilder(here.root, here.state, keep=artifacts.keep, redactor=redactor)
    async with _outside(spec, chosen, here, ledger, artifacts, clock) as (outside, shutdown):
        yield Site(
            spec=spec,
            spec_text=text,
            environment=environment,
            outside=outside,
            builder=builder,
            actor=Actor(id=person()),
            holder=Holder(actor=person(), where=place(), since=clock.now()),
            checkout=checkout(here.root),
            machine=machine(),
            forecast=forecast,
            shutdown=shutdown,
            retire=builder.retire,
        )
    ledger.close()
