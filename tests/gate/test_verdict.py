"""The verdict on a claim at its edges: how long a proof holds, and what it says when it no longer does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from golive.evidence.claim import Proof, Verdict
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.verdict import verdict

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
CLAIM = CLAIMS["signed-off"]
TODAY = {"artifact": "a", "policy": "p"}
PROOF = Proof(
    claim=CLAIM.id,
    environment="production",
    answer="proven",
    because="it was seen",
    control="red",
    inputs=TODAY,
    at=NOON,
    seq=7,
)


@pytest.mark.parametrize(
    ("lifetime", "age", "said"),
    [
        (timedelta(days=30), timedelta(days=31), "proven 31 days ago; it holds for 30 days"),
        (timedelta(days=1), timedelta(days=1, minutes=5), "proven 24h05m ago; it holds for 24h00m"),
        (timedelta(hours=1), timedelta(hours=1, seconds=1), "proven 1h00m ago; it holds for 1h00m"),
        (timedelta(minutes=10), timedelta(days=2), "proven 2 days ago; it holds for 0h10m"),
    ],
)
def test_a_proof_that_is_too_old_says_how_old_it_is_and_how_long_it_held(lifetime, age, said):
    claim = replace(CLAIM, lifetime=lifetime)
    assert verdict(claim, PROOF, None, TODAY, NOON + lifetime).verdict is Verdict.PROVEN
    judged = verdict(claim, PROOF, None, TODAY, NOON + age)
    assert (judged.verdict, judged.because) == (Verdict.STALE, said)


@pytest.mark.parametrize("name", sorted(CLAIM.inputs))
def test_what_is_not_known_today_is_not_the_same_as_when_it_was_proven(name):
    without = {known: digest for known, digest in TODAY.items() if known != name}
    for inputs in (TODAY, without):
        judged = verdict(CLAIM, replace(PROOF, inputs=inputs), None, without, NOON)
        assert (judged.verdict, judged.because) == (Verdict.STALE, f"changed since it was proven: {name}")


def test_every_input_that_changed_is_named():
    judged = verdict(CLAIM, PROOF, None, {"artifact": "b", "policy": "q"}, NOON)
    assert judged.because == "changed since it was proven: artifact, policy"
