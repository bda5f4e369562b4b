"""Deciding at the gate: proofs from the records, what they depend on today, waivers; recording the decision."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.controller.attesting import kept as attested
from golive.controller.desk import Desk
from golive.controller.sealing import announce
from golive.errors import Failure
from golive.evidence.claim import Proof
from golive.evidence.record import Artifact, Record
from golive.evidence.shape import instant
from golive.evidence.signing.keys import Signer
from golive.evidence.signing.predicates import outcomes
from golive.gate.claims.derived import Scene, proofs
from golive.gate.claims.own import asked
from golive.gate.claims.verdict import Judged, Waiver, verdict
from golive.gate.decision import GateDecision, decide
from golive.gate.rules import Expressions, judged_rules
from golive.gate.trust.fold import Trust
from golive.gate.waivers import standing
from golive.release.past import fold
from golive.spec.values import Spec


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One environment before the gate. `verified` is the proof that the evidence holds, taken just now."""

    desk: Desk
    spec: Spec
    environment: str
    verified: Proof
    expressions: Expressions

    def judged(self) -> tuple[Judged, ...]:
        """Every claim with its verdict, in the catalogue's order, the team's own ones last."""
        records, trust = self.desk.records(), self.desk.trust()
        now = self.desk.clock.now()
        newest = self._proofs(records)
        waived = standing(trust, self.environment, now, lambda size: _digest(records, size))
        inputs = self._inputs(records, trust)
        claims = asked(self.spec, self.environment)
        judged = [verdict(c, newest.get(c.id), waived.get(c.id), inputs, now) for c in claims.values()]
        return (*judged, *judged_rules(self.spec.rules, judged, self.environment, self.expressions))

    def decide(self, phase: str) -> GateDecision:
        now = self.desk.clock.now()
        place = {"service": self.spec.service, "environment": self.environment, "phase": phase}
        return decide(self.judged(), **place, now=now)

    def record(self, decision: GateDecision, signer: Signer) -> Record:
        """Keep the decision as a file, attest it, and record both."""
        records = self.desk.records()
        if records:
            announce(self.desk.ledger, records, self.desk.clock, signer, self.spec.service)
        name = f"gate/{decision.environment}-{decision.at:%Y%m%dt%H%M%S%f}.json"
        content = json.dumps(decision.body(), indent=2, ensure_ascii=False).encode() + b"\n"
        kept = self.desk.artifacts.keep(name, content, "application/json")
        return self.desk.journal(self.environment).append(
            "gate.decided",
            body={"passed": decision.passed, "phase": decision.phase, "open": [o.claim.id for o in decision.open]},
            result="ok" if decision.passed else "failed",
            artifacts=(kept, self._attested(decision, kept, signer)),
        )

    def _attested(self, decision: GateDecision, file: Artifact, signer: Signer) -> Artifact:
        held = [f"GOLIVE_CLAIM_{_name(o.claim.id)}_{_name(o.verdict)}" for o in decision.judged]
        word = "PASSED" if decision.passed else "NOT_PASSED"
        properties = [f"GOLIVE_GATE_{_name(decision.phase)}_{word}", *held]
        said = outcomes.gate(file.sha256, at=instant(decision.at), properties=properties)
        name = file.path.rpartition("/")[2].removesuffix(".json")
        return attested(self.desk.artifacts.keep, signer, said, f"gate-{name}")

    def _proofs(self, records: Sequence[Record]) -> dict[str, Proof]:
        """The newest proof of each claim: exercised, derived from the records, or taken just now."""
        place = self.spec.environments[self.environment]
        scene = Scene(
            records=records,
            environment=self.environment,
            requires=place.requires,
            read=self.desk.artifacts.read,
        )
        exercised = [p for p in map(proof_of, records) if p and p.environment in ("", self.environment)]
        found = {proof.claim: proof for proof in exercised}
        return {**found, **{p.claim: p for p in proofs(scene)}, self.verified.claim: self.verified}

    def _inputs(self, records: Sequence[Record], trust: Trust) -> dict[str, str]:
        """Today's digests of what proofs depend on."""
        live = fold(records, self.environment).live
        found = {"config": self.spec.digest, "policy": trust.policy.digest, "migration": self.spec.digest}
        return {**found, "artifact": live.digest} if live else found


def proof_of(record: Record) -> Proof | None:
    """The proof that a `claim.exercised` record holds; None when it is another record, or malformed."""
    draft, body = record.draft, record.draft.body
    inputs = body.get("inputs")
    if draft.type != "claim.exercised" or not isinstance(inputs, dict):
        return None
    answer, turned = body.get("answer"), body.get("control")
    return Proof(
        claim=str(body.get("claim", "")),
        environment=draft.environment,
        answer=answer if answer in ("proven", "refuted", "declared") else "nothing",  # type: ignore[arg-type]
        because=str(body.get("because", "")),
        control=turned if turned in ("red", "green") else "not run",  # type: ignore[arg-type]
        inputs={str(name): str(digest) for name, digest in inputs.items()},
        at=draft.at,
        seq=record.seq,
        next=str(body.get("next", "")),
        artifacts=draft.artifacts,
    )


def vouched(failure: Failure | None, desk: Desk, control: Failure | None) -> Proof:
    """The proof that the evidence holds, from a verification just now and one of a copy with a byte changed."""
    head = desk.ledger.head()
    kept: tuple[Artifact, ...] = ()
    return Proof(
        claim="evidence-verified",
        environment="",
        answer="refuted" if failure else "proven",
        because=str(failure) if failure else f"all of it holds up to {head}",
        control="red" if control else "green",
        inputs={},
        at=desk.clock.now(),
        seq=head.seq,
        artifacts=kept,
    )


def _name(words: str) -> str:
    return words.upper().replace("-", "_")


def waivers(desk: Desk, environment: str) -> Mapping[str, Waiver]:
    """The waivers that hold now, by claim."""
    records = desk.records()
    return standing(desk.trust(), environment, desk.clock.now(), lambda size: _digest(records, size))


def _digest(records: Sequence[Record], size: int) -> str | None:
    return records[size - 1].digest if 0 < size <= len(records) else None
