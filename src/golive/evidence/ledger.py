"""The journal as a controller sees it: take the lease, append after what was read, read.

Implemented by `drivers.ledgers.sqlite` (durable) and `drivers.simulated.ledger` (in memory); both pass
`tests/contracts/test_ledger.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from golive.evidence.record import Draft, Record


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who works on an environment: shown to whoever is refused."""

    actor: str  # a person's or service's name
    where: str  # "pid 4711 on build-7"
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to act on one environment. `epoch` rises strictly with each lease that is taken."""

    environment: str
    epoch: int
    holder: Holder


@dataclass(frozen=True, kw_only=True)
class Head:
    """The newest record of the whole log: its number and the SHA-256 of its line. Empty log: 0 and 64 zeros."""

    seq: int
    digest: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest[:16]}"


class HeadMoved(Exception):
    """Somebody appended to this environment since it was read: read again, plan again. Not an error."""


class Ledger(Protocol):
    """Append-only records with one writer per environment.

    `append` returns only once the record is durable. A draft with a `parent` is refused with `HeadMoved`
    when the newest record of its environment is not `parent`; one with a lease is refused with `Failure`
    (exit 4) when a higher epoch was seen. A draft with neither (an abort, a note) is always appended.
    """

    def take(self, environment: str, holder: Holder) -> Lease:
        """Take the lease, or raise `Failure` (exit 4) that names the holder and since when. Never waits."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back; a holder that dies loses it without this."""
        ...

    def append(self, draft: Draft, *, parent: int | None = None, lease: Lease | None = None) -> Record: ...

    def read(self, environment: str | None = None, *, after: int = 0) -> Sequence[Record]:
        """Records in order with `seq > after`; of every environment when none is named."""
        ...

    def head(self) -> Head: ...
