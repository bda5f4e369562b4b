"""Evidence for others: an archive, a proof, the manifest."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.place import Folders, folders, specification
from golive.assembly.views import verified
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.evidence.ledger import Head, Ledger
    from golive.evidence.verification import Verified
    from golive.gate.audit import Audit
    from golive.gate.mapping import Served
    from golive.gate.outputs.changes import Change


def export(file: str, output: Path) -> tuple[int, str]:
    """Pack the evidence folder; how many files, and the archive's SHA-256."""
    from golive.drivers.archives import pack
    from golive.drivers.ledgers.projection import read_head
    from golive.evidence.readme import readme

    evidence = folders(file).evidence
    count = pack(evidence, output, readme(service_of(file), read_head(evidence)).encode())
    with output.open("rb") as archive:
        return count, hashlib.file_digest(archive, "sha256").hexdigest()


def unpack(archive: Path, folder: Path) -> int:
    """Take an archive apart into a new folder; how many files it held."""
    from golive.drivers.archives import unpack as taken_apart

    return taken_apart(archive, folder)


def verified_archive(archive: Path, pin: "Head | None", first_roster: str = "") -> "tuple[Verified, Audit]":
    """What holds of the evidence in an archive, which is taken apart for as long as that takes."""
    with tempfile.TemporaryDirectory(prefix="golive-archive-") as place:
        folder = Path(place, "evidence")
        unpack(archive, folder)
        try:
            return verified(folder, pin, first_roster)
        except Failure as failure:
            raise _within(archive, folder, failure) from failure


def changes(evidence: Path, environment: str | None) -> "tuple[Change, ...]":
    """Every change that the evidence tells of; `Failure` (exit 5) when the evidence does not hold."""
    from golive.drivers.ledgers.projection import read_projection
    from golive.gate.outputs.changes import changes as told

    found, audit = verified(evidence, None)
    records = [record for record in read_projection(evidence, environment) if record.seq <= found.head.seq]
    return told(records, audit)


def controls(evidence: Path) -> "tuple[Served, ...]":
    """Every control, and what the evidence has for it."""
    from golive.drivers.ledgers.projection import read_projection
    from golive.gate.mapping import served

    return served(read_projection(evidence))


def prove_record(file: str, seq: int) -> bytes:
    """The proof that record `seq` is in the log, under the newest head; `Failure` when no head covers it."""
    from golive.drivers.ledgers.checkpoints import NEWEST, CheckpointFiles
    from golive.drivers.ledgers.sqlite import SqliteLedger
    from golive.evidence.tree.checkpoint import checkpoint_in
    from golive.evidence.tree.note import read
    from golive.evidence.tree.proof import proof

    here = folders(file)
    newest = CheckpointFiles(here.state, here.evidence).newest()
    lines = [record.line.encode() for record in SqliteLedger(here.state, here.evidence).read()]
    if newest is None or not 0 < seq <= checkpoint_in(read(newest, NEWEST), NEWEST).size:
        raise Failure(
            where=f"record {seq}",
            what="no signed head covers this record",
            why=f"the log has {len(lines)} records",
            next="golive evidence list; every command that records something signs a head",
            code=Exit.USAGE,
        )
    return proof(lines, seq - 1, newest)


def write_manifest(file: str) -> bytes:
    """Renew evidence/manifest.json from the records under the newest head, and return it."""
    from golive.drivers.ledgers.checkpoints import CheckpointFiles
    from golive.drivers.ledgers.sqlite import SqliteLedger
    from golive.evidence.tree.checkpoint import checkpoint_in
    from golive.evidence.tree.note import read

    here = folders(file)
    newest = CheckpointFiles(here.state, here.evidence).newest()
    size = checkpoint_in(read(newest, "checkpoint"), "checkpoint").size if newest else 0
    return renew_manifest(here, SqliteLedger(here.state, here.evidence), size)


def upgraded_manifest(file: str, old: Path) -> bytes:
    """An older manifest in today's form; its paths are below the evidence folder."""
    from golive.drivers.artifacts import ArtifactStore
    from golive.evidence.manifest import upgraded
    from golive.evidence.redaction import Redactor

    with old.open("rb") as opened:
        return upgraded(opened.read(), str(old), ArtifactStore(folders(file).evidence, Redactor({})))


def renew_manifest(here: Folders, ledger: "Ledger", size: int) -> bytes:
    """Write the manifest over the first `size` records; whole, or the one before stays."""
    from golive.evidence.manifest import PATH, manifest

    content = manifest(ledger.read()[:size])
    path = here.evidence / PATH
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(path)
    return content


def _within(archive: Path, folder: Path, failure: Failure) -> Failure:
    """The same finding, with places in the archive instead of those where it was taken apart."""
    return Failure(
        where=failure.where.replace(str(folder), str(archive)),
        what=failure.what,
        why=failure.why,
        next=failure.next,
        code=failure.code,
        also=tuple(_within(archive, folder, other) for other in failure.also),
    )


def service_of(file: str) -> str:
    """The service's name; that of the folder when the specification cannot be read."""
    try:
        return specification(file)[0].service
    except Failure:
        return Path(file).resolve().parent.name
