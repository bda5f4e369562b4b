"""Real drivers for one environment of one service, for commands that act."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from golive.assembly.local import outside as _local
from golive.assembly.place import Folders, environment_of, folders, specification
from golive.assembly.rehearsal import forecast
from golive.assembly.seal import log_signer, sealing
from golive.errors import Failure
from golive.release.past import fold

if TYPE_CHECKING:
    from golive.controller.site import Site
    from golive.evidence.record import Record
    from golive.spec.values import Environment, Spec


@asynccontextmanager
async def site(file: str, environment: str, *, resuming: bool = False) -> "AsyncIterator[Site]":
    """Real drivers for one environment. `resuming`: with the specification that its rollout began with."""
    from golive.controller.approvals import RecordedApprovals
    from golive.controller.site import Site
    from golive.drivers.artifacts import ArtifactStore
    from golive.drivers.builders.folder import FolderBuilder
    from golive.drivers.checkout import checkout, history, machine, person, place
    from golive.drivers.clock import SystemClock
    from golive.drivers.ledgers.sqlite import SqliteLedger
    from golive.evidence.ledger import Holder
    from golive.evidence.record import Actor
    from golive.evidence.redaction import Redactor

    here = folders(file)
    ledger = SqliteLedger(here.state, here.evidence)
    spec, text = _begun_with(file, environment, ledger.read(environment)) if resuming else specification(file)
    chosen = environment_of(spec, environment, file)
    secrets = readable_secrets(spec, chosen, here)
    redactor = Redactor(secrets)
    withhold = len(secrets) < len({**spec.revision.secrets, **chosen.secrets})
    artifacts = ArtifactStore(here.evidence, redactor)
    clock = SystemClock()
    builder = FolderBuilder(here.root, here.state, keep=artifacts.keep, redactor=redactor)
    approvals = RecordedApprovals(ledger=ledger, artifacts=artifacts, clock=clock, deployer=person())
    edges = (spec, chosen, here, ledger, artifacts, clock, redactor.text, approvals)
    try:
        with sealing(here, ledger, clock):
            async with _local(*edges, withhold=withhold) as (outside, shutdown):
                yield Site(
                    spec=spec,
                    spec_text=text,
                    environment=environment,
                    outside=outside,
                    builder=builder,
                    actor=Actor(id=person()),
                    holder=Holder(actor=person(), where=place(), since=clock.now()),
                    checkout=checkout(here.root),
                    history=partial(history, here.root),
                    machine=machine(),
                    forecast=forecast,
                    signer=log_signer(here),
                    shutdown=shutdown,
                    retire=builder.retire,
                )
    finally:
        ledger.close()


def _begun_with(file: str, environment: str, records: "Sequence[Record]") -> "tuple[Spec, bytes]":
    """The specification that the unfinished rollout began with, from the evidence; else the file's."""
    from golive.drivers.artifacts import ArtifactStore
    from golive.evidence.redaction import Redactor
    from golive.spec.parse import parse

    past = fold(records, environment)
    if past.rollout is None:
        return specification(file)
    opened = next(record for record in records if record.seq == past.rollout.seq)
    kept = next(a for a in opened.draft.artifacts if a.path.startswith("operations/specs/"))
    text = ArtifactStore(folders(file).evidence, Redactor({})).read(kept)
    return parse(text, name=f"evidence/{kept.path}"), text


def readable_secrets(spec: "Spec", chosen: "Environment", here: Folders) -> dict[str, str]:
    """The values to take out of everything that is written; one that is missing is refused when it is needed."""
    from golive.drivers.targets.secrets import resolve

    found: dict[str, str] = {}
    for name, ref in {**spec.revision.secrets, **chosen.secrets}.items():
        with suppress(Failure):
            found |= resolve({name: ref}, root=here.root, environ=os.environ)
    return found
