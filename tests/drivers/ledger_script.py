"""A controller for the fault sweeps: take the lease, keep files, append records, say what was acknowledged.

python -S ledger_script.py FOLDER COUNT. One line per event, written at once: "acknowledged ID", or "refused"
with the reason. Ends 0 also when it was refused; a stack trace is a defect.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from golive.drivers.artifacts import ArtifactStore
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.errors import Failure
from golive.evidence.ledger import Holder, Lease
from golive.evidence.record import Actor, Artifact, Draft
from golive.evidence.redaction import Redactor

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


def main(folder: Path, count: int) -> None:
    ledger = SqliteLedger(folder / ".golive", folder / "evidence")
    lease = None
    try:
        lease = ledger.take("production", Holder(actor="ann", where="here", since=NOON))
    except Failure as failure:
        say(f"refused {failure}")
    known = len(ledger.read())
    store = ArtifactStore(folder / "evidence", Redactor({}))
    for number in range(known, known + count):
        append(ledger, number, lease, keep(store, number))
    ledger.close()


def keep(store: ArtifactStore, number: int) -> tuple[Artifact, ...]:
    try:
        return (store.keep(f"deployments/{number}/steps.log", b"did it\n" * 100, "text/plain"),)
    except Failure as failure:
        say(f"refused {failure}")
        return ()


def append(ledger: SqliteLedger, number: int, lease: Lease | None, artifacts: tuple[Artifact, ...] = ()) -> None:
    draft = Draft(
        id=f"id-{number}",
        at=NOON,
        mono_ns=number,
        boot="boot-1",
        type="note",
        environment="production",
        rollout="web-42",
        actor=Actor(id="ann"),
        body={"padding": "x" * 200},
        artifacts=artifacts,
    )
    try:
        say(f"acknowledged {ledger.append(draft, lease=lease).draft.id}")
    except Failure as failure:
        say(f"refused {failure}")


def say(text: str) -> None:
    os.writev(1, [text.replace("\n", " ").encode() + b"\n"])  # not `write`, which the sweeps break


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
