"""What can be said without acting: records, routing, logs. Nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.local import supervisor_of, target_of
from golive.assembly.place import STATE, Folders, environment_of, folders, specification
from golive.errors import Failure
from golive.evidence.ledger import Head
from golive.release.past import Past, fold
from golive.release.target import Routing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive.evidence.record import Record
    from golive.evidence.verification import Verified
    from golive.gate.audit import Audit


@dataclass(frozen=True, kw_only=True)
class View:
    """What can be said of an environment without touching it."""

    past: Past
    routing: Routing | None
    unreachable: str  # why there is no routing
    holder: str  # the controller at work, or ""


async def views(file: str, environment: str | None) -> tuple[View, ...]:
    """Every environment that has a record, or the one that is named."""
    here = folders(file)
    found = records(file, environment)
    names = [environment] if environment else _environments(found)
    return tuple([await _view(here, fold(found, name)) for name in names])


async def observed(file: str, environment: str) -> str:
    """What runs and where traffic goes, in one line; the same line as long as nobody changes anything."""
    (view,) = await views(file, environment)
    traffic = view.unreachable
    if view.routing:
        traffic = ", ".join(f"{share} % {name}" for name, share in view.routing.weights.items()) or "no traffic"
    return f"{traffic}; {len(view.past.settled)} rollouts settled"


def environments_with_records(file: str) -> list[str]:
    return _environments(records(file))


def _environments(found: Sequence["Record"]) -> list[str]:
    return sorted({record.draft.environment for record in found if record.draft.environment})


def head(file: str) -> Head:
    from golive.drivers.ledgers.projection import read_head

    return read_head(folders(file).evidence)


def records(file: str, environment: str | None = None) -> "Sequence[Record]":
    """What was recorded, oldest first, by a plain read."""
    from golive.drivers.ledgers.projection import read_projection

    return read_projection(folders(file).evidence, environment)


def verified(evidence: Path, pin: Head | None, first_roster: str = "") -> "tuple[Verified, Audit]":
    """What holds of an evidence folder, checked against the database beside it when there is one."""
    from golive.drivers.artifacts import ArtifactStore
    from golive.drivers.ledgers.inspection import inspected, manifest_of
    from golive.evidence import lint
    from golive.evidence.manifest import Listed
    from golive.evidence.redaction import Redactor
    from golive.evidence.verification import together, verify
    from golive.gate.audit import Audit

    store = ArtifactStore(evidence, Redactor({}))
    with inspected(evidence, evidence.resolve().parent / STATE) as log:
        audit = Audit(read=store.read, where=log.where, first_roster=first_roster)
        listed = Listed(sizes=log.sealed_sizes())

        def watch(record: "Record") -> "Iterator[Failure]":
            listed.take(record)
            yield from lint.in_record(record, log.where)
            yield from audit.take(record)

        found = verify(log, store, pin, watch)
    strays = lint.in_strays(found.unvouched, store)
    rest = [*audit.rest(), *listed.faults(manifest_of(evidence)), *strays]
    if rest:
        raise together(rest)
    return found, audit


async def logs(file: str, environment: str, revision: str | None, lines: int) -> Mapping[str, tuple[str, ...]]:
    """The newest lines of each instance."""
    from golive.drivers.probes.http import HttpProber

    spec, _ = specification(file)
    here = folders(file)
    chosen = environment_of(spec, environment, file)
    supervisor = supervisor_of(here.environment(environment))
    async with HttpProber() as prober:
        return await target_of(spec, chosen, here, supervisor, prober).logs(revision, lines)


def past_of(here: Folders, environment: str) -> Past:
    """The past by a plain read of the records' file: no database, no lock, nothing written."""
    from golive.drivers.ledgers.projection import read_projection

    return fold(read_projection(here.evidence, environment), environment)


async def _view(here: Folders, past: Past) -> View:
    from golive.drivers.ledgers.sqlite import SqliteLedger

    environment = past.environment
    holder = SqliteLedger(here.state, here.evidence).holder(environment)
    routing, unreachable = await read_back(here.environment(environment))
    return View(
        past=past,
        routing=routing,
        unreachable=unreachable,
        holder=f"{holder.actor} ({holder.where})" if holder else "",
    )


async def read_back(place: Path) -> tuple[Routing | None, str]:
    """What the running front door says; None and the reason when it does not answer."""
    from golive.drivers.routers.envoy_view import read_back

    if not (place / "envoy").exists():
        return None, "it was never started"
    try:
        return await read_back(place / "envoy"), ""
    except Failure as failure:
        return None, str(failure)
