"""The operations quality gate: passed when every claim that is asked for is proven or waived. No score."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from golive.evidence.claim import Verdict
from golive.evidence.record import Json
from golive.gate.claims.verdict import Judged

LETS_PASS = frozenset({Verdict.PROVEN, Verdict.WAIVED})


@dataclass(frozen=True, kw_only=True)
class GateDecision:
    """The decision for one environment, with the verdict on each claim."""

    service: str
    environment: str
    phase: str
    judged: tuple[Judged, ...]
    at: datetime

    @property
    def passed(self) -> bool:
        """Nothing to judge is not passed."""
        return bool(self.judged) and all(one.verdict in LETS_PASS for one in self.judged)

    @property
    def refuted(self) -> bool:
        return any(one.verdict is Verdict.REFUTED for one in self.judged)

    @property
    def open(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if one.verdict not in LETS_PASS)

    def count(self, word: Verdict) -> int:
        return sum(one.verdict is word for one in self.judged)

    def body(self) -> dict[str, Json]:
        """As records, files and `--json` hold it."""
        return {
            "service": self.service,
            "environment": self.environment,
            "phase": self.phase,
            "passed": self.passed,
            "at": self.at.isoformat(),
            "claims": [_body(one) for one in self.judged],
        }


def decide(judged: Sequence[Judged], *, service: str, environment: str, phase: str, now: datetime) -> GateDecision:
    """The decision over the claims of a phase; `operations` is all of them. Commands name the environment."""
    chosen = tuple(
        replace(one, next=one.next.replace("ENV", environment))
        for one in judged
        if phase in ("operations", one.claim.phase)
    )
    return GateDecision(service=service, environment=environment, phase=phase, judged=chosen, at=now)


def _body(one: Judged) -> Json:
    return {
        "id": one.claim.id,
        "statement": one.claim.statement,
        "phase": one.claim.phase,
        "verdict": str(one.verdict),
        "because": one.because,
        "next": one.next,
        "record": one.proof.seq if one.proof else None,
        "files": [artifact.path for artifact in one.proof.artifacts] if one.proof else [],
        "controls": list(one.claim.controls),
    }
