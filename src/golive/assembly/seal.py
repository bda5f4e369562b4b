"""Signing the log's head with the key of this checkout, after a command that recorded something."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from golive.assembly.evidence import renew_manifest, service_of
from golive.assembly.place import Folders, folders
from golive.errors import Failure

if TYPE_CHECKING:
    from golive.controller.outside import Clock
    from golive.drivers.ledgers.sqlite import SqliteLedger
    from golive.evidence.signing.keys import Signer

LOG_KEY = "keys/log.key"  # in the state folder


@contextmanager
def sealing(here: Folders, ledger: "SqliteLedger", clock: "Clock") -> "Iterator[None]":
    """Whatever the block records is under a signed head when it ends, also when it ends in a failure."""
    try:
        yield
    except BaseException:
        with suppress(Failure):  # the first trouble is the one to tell
            _seal(here, ledger, clock)
        raise
    _seal(here, ledger, clock)


def log_key(file: str) -> "Signer":
    """The key that signs for the log of the checkout that `file` lies in."""
    return log_signer(folders(file))


def log_signer(here: Folders) -> "Signer":
    """The key that signs heads and attestations; made when there is none."""
    from golive.drivers.signers import keyfile

    path = here.state / LOG_KEY
    if not path.exists():
        with suppress(Failure):  # another process made it in between
            return keyfile.make(path)
    return keyfile.read(path, lambda question: "")


def _seal(here: Folders, ledger: "SqliteLedger", clock: "Clock") -> None:
    from golive.controller.sealing import Seal
    from golive.drivers.ledgers.checkpoints import CheckpointFiles

    if ledger.has_written:
        checkpoints = CheckpointFiles(here.state, here.evidence)
        service = service_of(str(here.root / "golive.yaml"))
        seal = Seal(ledger=ledger, checkpoints=checkpoints, clock=clock, signer=log_signer(here), service=service)
        head = seal.put()
        if head:
            renew_manifest(here, ledger, head.size)
