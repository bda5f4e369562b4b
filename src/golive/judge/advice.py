"""How long a decision takes with the traffic that there is: said before a rollout, and whenever it is undecided.

Rules of thumb for Poisson counts, with which the engine agrees within a third: to see a rate r times the old one
takes about 9 / (r ln r − r + 1) faults of the new revision at the old rate; to prove "not worse than r times"
takes about 4 / (r − 1 − ln r); without any fault, 4 / (absolute margin) requests.
"""

from dataclasses import dataclass
from math import log

from golive.judge.assessment import Assessment
from golive.judge.terms import PPM, Terms

SEEN = 9.0
PROVEN = 4.0
DOUBLED = 2.0
GREAT = 5.0
WEIGHTS = (1, 5, 10, 25, 50)


@dataclass(frozen=True, kw_only=True)
class Advice:
    """Seconds of watching until a decision, at a rate of requests to the new revision; None: never."""

    per_second: float
    base_rate: float
    doubling_s: float | None
    fivefold_s: float | None
    proof_s: float | None


def advise(per_second: float, base_rate: float, terms: Terms) -> Advice:
    """What can be decided with `per_second` requests to the new revision and this error rate of the old one."""
    faults = per_second * base_rate

    def seconds(needed: float, rate: float) -> float | None:
        return needed / rate if rate > 0 else None

    by_ratio = seconds(_to_prove(terms.judging.error_times), faults)
    by_absence = seconds(PROVEN / (terms.judging.error_plus_ppm / PPM), per_second)
    known = [s for s in (by_ratio, by_absence) if s is not None]
    return Advice(
        per_second=per_second,
        base_rate=base_rate,
        doubling_s=seconds(_to_see(DOUBLED), faults),
        fivefold_s=seconds(_to_see(GREAT), faults),
        proof_s=min(known, default=None),
    )


def more(found: Assessment, terms: Terms) -> str:
    """How much more traffic or time would decide, in one sentence."""
    errors = found.metric("errors")
    base = errors.old_part / errors.old_whole if errors and errors.old_whole else 0.0
    return sentence(advise(found.per_second, base, terms))


def sentence(advice: Advice) -> str:
    """The advice for a person."""
    if advice.per_second <= 0:
        return "no requests reach the new revision: nothing can be decided"
    rate = f"at {advice.per_second:.3g} requests/s to the new revision"
    proof = f"a proof takes about {span(advice.proof_s)}"
    if not advice.base_rate:
        return f"{rate} {proof}"
    seen = f"a doubling of {100 * advice.base_rate:.2g} % errors is seen in about {span(advice.doubling_s)}"
    return f"{rate} {seen}, {proof}; a larger weight shortens both, or accept it by sign-off"


def span(seconds: float | None) -> str:
    """A duration in words that a person plans with."""
    if seconds is None:
        return "for ever"
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"


def _to_see(ratio: float) -> float:
    return SEEN / (ratio * log(ratio) - ratio + 1)


def _to_prove(ratio: float) -> float:
    return PROVEN / (ratio - 1 - log(ratio))
