"""What golive itself attests, signed with the log's key: a deploy, smoke test, load, way back, gate's decision."""

from collections.abc import Mapping, Sequence

from golive.evidence.record import Json
from golive.evidence.signing.predicates import BASE
from golive.evidence.signing.statement import Statement, Subject

DEPLOYMENT = BASE + "deployment/v1"
ROLLBACK = BASE + "rollback/v1"
LOAD = BASE + "load/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
GATE = "https://in-toto.io/attestation/svr/v0.2"
VERIFIER = "https://golive.invalid/gate"


def deployment(
    artifact: str, *, rollout: Mapping[str, Json], settled: Mapping[str, Json], record: int
) -> Statement:
    """That a rollout of this build settled, and how: `rollout` is its wish, `settled` its end, as recorded."""
    return Statement(
        subjects=(Subject(name="artifact", sha256=artifact),),
        predicate_type=DEPLOYMENT,
        predicate={
            "environment": settled["environment"],
            "rollout": settled["rollout"],
            "kind": rollout["kind"],
            "outcome": settled["outcome"],
            "because": settled["because"],
            "weights": settled["weights"],
            "configDigest": rollout["spec_digest"],
            "approval": rollout.get("approval", ""),
            "record": record,
        },
    )


def smoke(artifact: str, *, passed: Sequence[str], failed: Sequence[str], spec: str) -> Statement:
    """Which smoke tests of a rollout passed and failed; the configuration is named by its digest."""
    return _tested(Subject(name="artifact", sha256=artifact), passed, failed, spec)


def exercise(file: str, *, claim: str, passed: Sequence[str], failed: Sequence[str], spec: str) -> Statement:
    """What an exercise of a claim tried; `file` is the digest of everything that it saw."""
    return _tested(Subject(name=claim, sha256=file), passed, failed, spec)


def _tested(subject: Subject, passed: Sequence[str], failed: Sequence[str], spec: str) -> Statement:
    return Statement(
        subjects=(subject,),
        predicate_type=TEST_RESULT,
        predicate={
            "result": "FAILED" if failed else "PASSED",
            "configuration": [{"name": "golive.yaml", "digest": {"sha256": spec}}],
            "passedTests": list(passed),
            "failedTests": list(failed),
        },
    )


def rollback(artifact: str, *, environment: str, rollout: str, outcome: str, took_us: int | None) -> Statement:
    """That traffic was taken off a build, and how long that took (microseconds; null when it is not known)."""
    return Statement(
        subjects=(Subject(name="artifact", sha256=artifact),),
        predicate_type=ROLLBACK,
        predicate={
            "environment": environment,
            "rollout": rollout,
            "outcome": outcome,
            "tookMicroseconds": took_us,
        },
    )


def load(artifact: str, measured: Mapping[str, Json]) -> Statement:
    """What a load on this build showed; shares in parts per million, durations in microseconds."""
    return Statement(
        subjects=(Subject(name="artifact", sha256=artifact),), predicate_type=LOAD, predicate=dict(measured)
    )


def gate(decision: str, *, at: str, properties: Sequence[str]) -> Statement:
    """What a gate found to hold, about the file that holds its decision (named by its SHA-256)."""
    return Statement(
        subjects=(Subject(name="decision", sha256=decision),),
        predicate_type=GATE,
        predicate={"verifier": {"id": VERIFIER}, "timeCreated": at, "properties": list(properties)},
    )
