"""Attesting how a rollout settled: statements that stand alone, signed with the log's key, once for each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from golive.controller.desk import Desk
from golive.controller.journal import Journal
from golive.controller.sealing import announce
from golive.controller.site import Site
from golive.evidence.record import Artifact, Json, Record
from golive.evidence.signing import dsse, statement
from golive.evidence.signing.keys import Signer
from golive.evidence.signing.predicates import outcomes
from golive.evidence.signing.statement import Statement
from golive.release.past import Settled, fold
from golive.release.timing import way_back_ms

RECORD = "attestation.made"
ENVELOPE = "application/vnd.dsse.envelope+json"

Keep = Callable[[str, bytes, str], Artifact]  # as `controller.outside.Artifacts.keep`


def attest_settled(site: Site, journal: Journal) -> None:
    """Attest every rollout that has settled and was not attested; also those whose controller died before."""
    records = site.outside.ledger.read(site.environment)
    attested = {record.draft.rollout for record in records if record.draft.type == RECORD}
    for settled in site.past().settled:
        if settled.id not in attested:
            outside = site.outside
            announce(outside.ledger, outside.ledger.read(), outside.clock, site.signer, site.spec.service)
            _attest(site, journal, settled, [r for r in records if r.draft.rollout == settled.id])


def attested_load(
    desk: Desk, signer: Signer, service: str, environment: str, measured: Mapping[str, Json]
) -> tuple[Artifact, ...]:
    """What a load showed of the build that is live; nothing when none is."""
    records = desk.records()
    live = fold(records, environment).live
    if live is None:
        return ()
    announce(desk.ledger, records, desk.clock, signer, service)
    said = outcomes.load(live.digest, {"environment": environment, **measured})
    return (kept(desk.artifacts.keep, signer, said, f"{len(records)}-load"),)


def attest_exercise(
    desk: Desk, signer: Signer, service: str, exercised: Record, *, passed: Sequence[str], failed: Sequence[str]
) -> None:
    """What an exercise of a claim tried and saw, as a test result about the file that holds all of it."""
    announce(desk.ledger, desk.records(), desk.clock, signer, service)
    body: Any = exercised.draft.body
    file = exercised.draft.artifacts[0]
    said = outcomes.exercise(
        file.sha256, claim=body["claim"], passed=passed, failed=failed, spec=body["inputs"]["config"]
    )
    envelope = kept(desk.artifacts.keep, signer, said, f"{exercised.seq}-{body['claim']}")
    desk.journal(exercised.draft.environment).append(RECORD, cause=(exercised.seq,), artifacts=(envelope,))


def kept(keep: Keep, signer: Signer, said: Statement, name: str) -> Artifact:
    """The statement as a signed file below `attestations/`."""
    envelope = dsse.sign(statement.PAYLOAD_TYPE, said.encoded(), (signer,))
    return keep(f"attestations/{name}.dsse.json", envelope.encoded(), ENVELOPE)


def _attest(site: Site, journal: Journal, settled: Settled, records: Sequence[Record]) -> None:
    end = next(r for r in records if r.draft.type == "rollout.settled")
    keep = site.outside.artifacts.keep
    files = tuple(
        kept(keep, site.signer, said, f"{end.seq}-{kind}")
        for kind, said in _statements(site, settled, records, end)
    )
    journal.append(RECORD, rollout=settled.id, cause=(end.seq,), artifacts=files)


def _statements(
    site: Site, settled: Settled, records: Sequence[Record], end: Record
) -> Iterator[tuple[str, Statement]]:
    wanted = next(r for r in records if r.draft.type == "rollout.wanted").draft.body
    said: dict[str, Json] = {
        "environment": site.environment,
        "rollout": settled.id,
        "outcome": settled.outcome,
        "because": settled.because,
        "weights": end.draft.body.get("weights"),
    }
    artifact = settled.new.digest
    yield "deployment", outcomes.deployment(artifact, rollout=wanted, settled=said, record=end.seq)
    passed, failed = _smoke(records)
    if passed or failed:
        spec = str(wanted["spec_digest"])
        yield "smoke", outcomes.smoke(artifact, passed=passed, failed=failed, spec=spec)
    if settled.kind == "rollback" or settled.outcome != "succeeded":
        took = way_back_ms(records, settled.id)
        yield (
            "rollback",
            outcomes.rollback(
                artifact,
                environment=site.environment,
                rollout=settled.id,
                outcome=settled.outcome,
                took_us=None if took is None else round(took * 1000),
            ),
        )


def _smoke(records: Sequence[Record]) -> tuple[list[str], list[str]]:
    """Names of the smoke tests whose last run passed, and of those whose did not."""
    ended = [r.draft for r in records if r.draft.type == "step.ended"]
    last = {str(d.body["key"]): d for d in ended if str(d.body.get("key", "")).startswith("smoke ")}
    passed = [key for key, draft in last.items() if draft.result == "ok"]
    return passed, [key for key in last if key not in passed]
