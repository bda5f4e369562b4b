"""Everything that one command needs to work on one environment; `golive.assembly` fills it in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from golive.controller.journal import Journal
from golive.controller.outside import Outside
from golive.evidence.ledger import Holder, Lease
from golive.evidence.record import Actor
from golive.evidence.signing.keys import Signer
from golive.release.builder import Builder
from golive.release.past import Past, fold
from golive.release.snapshot import Checkout, Commit, Machine
from golive.release.wanted import Wanted
from golive.spec.values import Spec

Forecast = Callable[[Spec, Wanted, Past], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, kw_only=True)
class Site:
    """One service, one environment, one person at work.

    `history` gives the commits since one; `signer` is the log's key; `shutdown` ends front door, instances and
    supervisor; `retire` deletes builds that are in nobody's line.
    """

    spec: Spec
    spec_text: bytes
    environment: str
    outside: Outside
    builder: Builder
    actor: Actor
    holder: Holder
    checkout: Checkout
    history: Callable[[str], tuple[Commit, ...]]
    machine: Machine
    forecast: Forecast
    signer: Signer
    shutdown: Callable[[], Awaitable[None]]
    retire: Callable[[frozenset[str]], None]

    def past(self, environment: str = "") -> Past:
        """The fold of the ledger for this environment, or another one of the service."""
        name = environment or self.environment
        return fold(self.outside.ledger.read(name), name)

    def journal(self, lease: Lease | None = None) -> Journal:
        return Journal(
            ledger=self.outside.ledger,
            clock=self.outside.clock,
            actor=self.actor,
            environment=self.environment,
            redact=self.outside.redact,
            lease=lease,
        )
