"""What may be said of a claim now: from its newest proof, what it depends on, the time, and waivers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.evidence.claim import Claim, Proof, Verdict


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """Somebody's signed word to go on without a claim, in one environment, until a moment."""

    claim: str
    environment: str
    person: str
    reason: str
    until: datetime
    seq: int


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A claim with its verdict, the reason, and what to do about it."""

    claim: Claim
    verdict: Verdict
    because: str
    next: str
    proof: Proof | None = None
    waiver: Waiver | None = None


def verdict(
    claim: Claim, proof: Proof | None, waiver: Waiver | None, inputs: Mapping[str, str], now: datetime
) -> Judged:
    """The verdict. `inputs` are today's digests; one that a proof depends on and that is not known is another one.

    A waiver is looked at only where the claim is not proven, and never hides a refuted one's reason.
    """
    word, because = _word(claim, proof, inputs, now)
    next_step = (proof.next if proof and word is not Verdict.PROVEN else "") or claim.next
    if word is not Verdict.PROVEN and waiver and now < waiver.until:
        until = f"{waiver.until:%Y-%m-%d %H:%M} UTC"
        because = f"waived by {waiver.person} until {until}: {waiver.reason} (it is {word}: {because})"
        word = Verdict.WAIVED
    return Judged(
        claim=claim,
        verdict=word,
        because=because,
        next="" if word is Verdict.PROVEN else next_step,
        proof=proof,
        waiver=waiver,
    )


def _word(claim: Claim, proof: Proof | None, inputs: Mapping[str, str], now: datetime) -> tuple[Verdict, str]:
    if proof is None:
        return Verdict.UNPROVEN, "it was never exercised"
    if proof.answer == "refuted":
        return Verdict.REFUTED, proof.because
    if proof.answer == "declared":
        return Verdict.UNPROVEN, f"declared only: {proof.because}"
    if proof.answer == "nothing":
        return Verdict.UNPROVEN, proof.because
    if proof.control != "red":
        return Verdict.UNPROVEN, f"its negative control did not turn red ({proof.control}): it cannot fail"
    changed = sorted(name for name in claim.inputs if name not in inputs or proof.inputs.get(name) != inputs[name])
    if changed:
        return Verdict.STALE, f"changed since it was proven: {', '.join(changed)}"
    if now - proof.at > claim.lifetime:
        return Verdict.STALE, f"proven {_words(now - proof.at)} ago; it holds for {_words(claim.lifetime)}"
    return Verdict.PROVEN, proof.because


def _words(length: timedelta) -> str:
    """In whole days, or, below two of them, to the minute."""
    if length >= timedelta(days=2):
        return f"{length.days} days"
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    return f"{hours}h{minutes:02}m"
