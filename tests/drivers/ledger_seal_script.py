"""A command for the kill sweep: record one note, say that it is acknowledged, seal, say how far the head reaches.

python -S ledger_seal_script.py FOLDER NAME. One line per event, written at once.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from golive.controller.sealing import Seal
from golive.drivers.ledgers.checkpoints import CheckpointFiles
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.drivers.signers import keyfile
from golive.evidence.record import Actor, Draft

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


class Clock:
    boot = "boot"

    def now(self) -> datetime:
        return NOON

    def mono_ns(self) -> int:
        return 0

    def new_id(self) -> str:
        return os.urandom(8).hex()


def main(folder: Path, name: str) -> None:
    state, evidence = folder / ".golive", folder / "evidence"
    ledger, checkpoints = SqliteLedger(state, evidence), CheckpointFiles(state, evidence)
    note = Draft(
        id=name, at=NOON, mono_ns=0, boot="", type="note", environment="", rollout="", actor=Actor(id="ann")
    )
    say(f"acknowledged {ledger.append(note).draft.id}")
    key = state / "keys" / "log.key"
    signer = keyfile.read(key, lambda question: "") if key.exists() else keyfile.make(key)
    head = Seal(ledger=ledger, checkpoints=checkpoints, clock=Clock(), signer=signer, service="shop").put()
    assert head
    say(f"signed {head.size}")
    ledger.close()


def say(line: str) -> None:
    os.writev(1, [line.encode() + b"\n"])  # not `write`, at which the sweep kills


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
