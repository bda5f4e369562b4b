"""What records prove by themselves: a deploy in which all went well, and whatever may be missing from it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from golive.errors import Exit, Failure
from golive.evidence.canonical import seal
from golive.evidence.record import Actor, Artifact, Draft, Record
from golive.gate.claims.derived import READINGS, Scene, proofs
from golive.release.revision import Revision
from golive.release.wanted import revision_body

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
OLD, NEW = Revision(digest="a" * 64), Revision(digest="b" * 64)
SPEC, POLICY = "c" * 64, "d" * 64
KEPT = tuple(
    Artifact(path=f"operations/deployments/d/{name}", sha256="e" * 64, size_bytes=1, media_type="text/plain")
    for name in ("ticket.json", "config.snapshot.json")
)


@dataclass
class Scribe:
    """Writes records one after the other, a second apart."""

    records: list[Record] = field(default_factory=list)

    def write(self, type: str, rollout: str = "", environment: str = "production", **rest) -> None:
        seq = len(self.records) + 1
        draft = Draft(
            id=str(seq),
            at=NOON + timedelta(seconds=seq),
            mono_ns=seq * 10_000_000,
            boot=rest.pop("boot", "b"),
            type=type,
            environment=environment,
            rollout=rollout,
            actor=Actor(id="ann"),
            result=rest.pop("result", ""),
            artifacts=rest.pop("artifacts", ()),
            body=rest,
        )
        prev = self.records[-1].digest if self.records else "0" * 64
        self.records.append(seal(draft, seq=seq, prev=prev))

    def wanted(self, rollout: str, environment: str, *, kind: str = "deploy", **rest) -> None:
        body = {"new": revision_body(NEW), "old": revision_body(OLD), "kind": kind, "spec_digest": SPEC}
        self.write("rollout.wanted", rollout, environment, **{**body, **rest})

    def ended(self, rollout: str, environment: str, key: str, result: str = "ok", **rest) -> None:
        self.write("step.ended", rollout, environment, key=key, result=result, because=f"{key}: {result}", **rest)

    def settled(self, rollout: str, environment: str, outcome: str = "succeeded") -> None:
        self.write("rollout.settled", rollout, environment, outcome=outcome, because="so it ended")


def good(without: str = "", instead: dict | None = None) -> list[Record]:
    """A deploy to staging, one to production, and a rollback in staging; `without` a step, or another body."""
    scribe = Scribe()
    scribe.wanted("s", "staging")
    scribe.settled("s", "staging")
    scribe.write("approval.requested", nonce="n", policy=POLICY)
    scribe.write("signoff.received", nonce="n", person="bob", decision="approve")
    scribe.wanted("d", "production", approval="n", artifacts=KEPT)
    for key in ("prepare b", "smoke before b", "confirm b", "shift b 100", "smoke after b"):
        if not without or not key.startswith(without):
            rest = instead if instead and key.startswith(str(instead["key"])) else {}
            scribe.ended("d", "production", key, **{k: v for k, v in rest.items() if k != "key"})
    scribe.settled("d", "production")
    rolled_back(scribe)
    return scribe.records


def rolled_back(scribe: Scribe, *, outcome: str = "succeeded", kind: str = "rollback", **shift) -> None:
    scribe.wanted("r", "rehearsal", kind=kind)
    if kind == "deploy":
        scribe.write("rollout.turned", "r", "rehearsal", because="too slow")
    if shift:
        scribe.ended("r", "rehearsal", "shift b", **shift)
    elif kind == "rollback":
        scribe.ended("r", "rehearsal", "shift b", weight=100)
    scribe.settled("r", "rehearsal", outcome)


def answers(
    records: list[Record], read=lambda artifact: b"x", requires=("staging", "rehearsal")
) -> dict[str, str]:
    scene = Scene(records=records, environment="production", requires=requires, read=read)
    return {proof.claim: proof.answer for proof in proofs(scene)}


def test_a_deploy_in_which_all_went_well_proves_every_claim():
    found = answers(good(), requires=("staging",))
    assert found == {
        claim: "proven" for claim in READINGS if claim not in ("rollback-rehearsed", "load-within-objectives")
    }


def test_a_proof_names_its_record_its_files_and_what_it_depends_on():
    scene = Scene(records=good(), environment="production", requires=("staging",), read=lambda artifact: b"x")
    found = {proof.claim: proof for proof in proofs(scene)}
    assert found["deployed"].inputs == {"artifact": NEW.digest, "config": SPEC, "policy": POLICY}
    assert found["deployed"].artifacts == KEPT
    assert scene.records[found["deployed"].seq - 1].draft.type == "rollout.settled"
    assert {proof.control for proof in found.values()} == {"red"}


def test_no_records_prove_nothing():
    assert answers([]) == {}


@pytest.mark.parametrize(
    ("without", "claim", "expected"),
    [
        ("prepare", "bytes-verified", None),
        ("smoke", "smoke-passed", None),
        ("smoke before", "smoke-passed", "refuted"),
        ("smoke after", "smoke-passed", "refuted"),
        ("confirm", "signed-off", "refuted"),
    ],
)
def test_what_was_not_done_is_not_proven(without, claim, expected):
    assert answers(good(without), requires=("staging",)).get(claim) == expected


@pytest.mark.parametrize(
    ("instead", "claim"),
    [
        ({"key": "prepare", "result": "failed"}, "bytes-verified"),
        ({"key": "smoke after", "answer": "fail"}, "smoke-passed"),
        ({"key": "smoke before", "result": "unknown"}, "smoke-passed"),
        ({"key": "confirm", "result": "failed"}, "signed-off"),
    ],
)
def test_what_failed_or_has_no_known_end_is_refuted(instead, claim):
    assert answers(good(instead=instead), requires=("staging",))[claim] == "refuted"


def test_a_changed_file_refutes_the_record_of_the_deploy():
    def changed(artifact: Artifact) -> bytes:
        raise Failure(where=artifact.path, what="it changed", why="", next="", code=Exit.TAMPERED)

    assert answers(good(), read=changed)["deploy-recorded"] == "refuted"


def test_a_reject_after_all_others_refutes_the_sign_off():
    scribe = Scribe(good())
    scribe.write("signoff.received", nonce="n", person="bob", decision="reject")
    assert answers(scribe.records)["signed-off"] == "refuted"


def test_a_build_that_never_passed_before_is_refuted():
    assert answers(good(), requires=("staging", "canary"))["staging-passed"] == "refuted"


# ── the load


def loaded(*results: str, environment: str = "staging") -> list[Record]:
    scribe = Scribe()
    for result in results:
        said = {"revision": NEW.digest, "config_digest": SPEC, "scenario": "load", "because": "so it was"}
        scribe.write("perf.measured", environment=environment, result=result, **said)
    return scribe.records


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (loaded("ok"), "proven"),
        (loaded("ok", environment="production"), "proven"),
        (loaded("failed"), "refuted"),
        (loaded("failed", "ok"), "proven"),
        (loaded("ok", "failed"), "refuted"),
        (loaded("ok", environment="elsewhere"), None),
    ],
)
def test_the_newest_load_here_or_before_counts(records, expected):
    assert answers(records).get("load-within-objectives") == expected


def test_a_load_proves_something_of_the_build_that_it_was_put_on():
    scene = Scene(
        records=loaded("ok"), environment="production", requires=("staging",), read=lambda artifact: b"x"
    )
    (proof,) = proofs(scene)
    assert proof.inputs == {"artifact": NEW.digest, "config": SPEC}
    assert proof.because == "scenario load in staging: so it was"
    assert proof.control == "red"


# ── the way back


def rehearsed(**way) -> str | None:
    scribe = Scribe()
    rolled_back(scribe, **way)
    return answers(scribe.records).get("rollback-rehearsed")


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ({}, "proven"),
        ({"outcome": "needs_human"}, "refuted"),
        ({"outcome": "rolled_back"}, "refuted"),
        ({"outcome": "failed_safe"}, "refuted"),
        ({"kind": "deploy", "outcome": "rolled_back", "weight": 0}, "proven"),
        ({"kind": "deploy", "outcome": "needs_human", "weight": 0}, "refuted"),
        ({"kind": "deploy", "outcome": "rolled_back"}, None),
        ({"kind": "deploy", "outcome": "failed_safe"}, None),
        ({"boot": "another", "weight": 100}, None),
    ],
    ids=[
        "a rollback",
        "a rollback that needed a person",
        "a rollback that was itself taken back",
        "a rollback that never began",
        "an automatic way back",
        "an automatic way back that needed a person",
        "taken back before any traffic was on it",
        "a first release that failed",
        "the machine started anew meanwhile, so its time is not known",
    ],
)
def test_a_way_back_counts_when_traffic_went_back_and_its_time_is_known(way, expected):
    assert rehearsed(**way) == expected


def test_the_newest_way_back_counts_and_one_without_traffic_hides_none():
    scribe = Scribe()
    rolled_back(scribe)
    scribe.wanted("again", "rehearsal")
    scribe.write("rollout.turned", "again", "rehearsal", because="its smoke test failed")
    scribe.settled("again", "rehearsal", "rolled_back")
    assert answers(scribe.records)["rollback-rehearsed"] == "proven"
    scribe.wanted("stuck", "rehearsal", kind="rollback")
    scribe.settled("stuck", "rehearsal", "needs_human")
    assert answers(scribe.records)["rollback-rehearsed"] == "refuted"
