"""The records, a clock and people's keys, for commands that sign."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.place import folders
from golive.assembly.seal import sealing

if TYPE_CHECKING:
    from golive.controller.desk import Desk
    from golive.drivers.signers.keyfile import Ask
    from golive.evidence.signing.keys import Signer


@contextmanager
def desk(file: str) -> "Iterator[Desk]":
    """The desk of the checkout that `file` lies in. Reading writes nothing."""
    from golive.controller.desk import Desk
    from golive.drivers.artifacts import ArtifactStore
    from golive.drivers.checkout import person
    from golive.drivers.clock import SystemClock
    from golive.drivers.ledgers.sqlite import SqliteLedger
    from golive.evidence.record import Actor
    from golive.evidence.redaction import Redactor

    here = folders(file)
    ledger = SqliteLedger(here.state, here.evidence)
    is_new = not (here.evidence / "operations" / "records.jsonl").exists()
    clock = SystemClock()
    try:
        with sealing(here, ledger, clock):
            yield Desk(
                ledger=ledger,
                artifacts=ArtifactStore(here.evidence, Redactor({})),
                clock=clock,
                actor=Actor(id=person()),
                owns_log=is_new or (here.state / "ledger.sqlite3").exists(),
            )
    finally:
        ledger.close()


def signer(key: Path | None, ask: "Ask") -> "Signer":
    """The key that a person signs with; see `drivers.signers.choice`."""
    from golive.drivers.signers.choice import signer as chosen

    return chosen(key, os.environ, ask)


def email(file: str) -> str:
    """The e-mail address by which git knows whoever works in this checkout; "" when it knows none."""
    from golive.drivers.checkout import email as configured

    return configured(folders(file).root)
