"""Two revisions in one tick: how the faults of both fall on the new one, given how many there are. Pure.

Of `n1` requests to the new revision and `n0` to the old one `m` were faulty, `x` of them the new one's. Given
`n1`, `n0` and `m` the common rate cancels, whatever it is and however it moves: under an odds ratio ω of new to
old, `x` is Fisher's noncentral hypergeometric, P(x) ∝ C(n1, x) C(n0, m − x) ω^x (Fisher 1935; Fay 2010 on exact
tests of a 2×2 table). With n1 = 0, n0 = 0, m = 0 or everything faulty only one x is possible: a tick without
information, every factor is 1. One request (n1 = n0 = 1) is judged like any other number.

The likelihood ratio of odds ω·r against ω, r^x Z(ω) / Z(ω·r), has mean 1 at ω; with r > 1 it has a mean of at
most 1 for every odds ratio below ω, with r < 1 for every one above, because x grows stochastically with ω.
For a wide support Z is not summed: x − lowest is a sum of as many independent Bernoulli variables as the support
is long (its generating function has only real roots), so E[r^x] is at most that of a binomial with the same mean
(Hoeffding 1956). The mean follows, within bounds, from E[x (n0 − m + x)] = ω E[(n1 − x)(m − x)].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, lgamma, log, log1p, sqrt

SUMMED = 64  # a wider support is bounded instead: the cost of a tick is constant
WIDE = 4_000  # a wider support is normal enough for a rank
NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class Table:
    """Faulty requests of the new and of the old revision in one tick: x1 of n1, x0 of n0."""

    x1: int
    n1: int
    x0: int
    n0: int

    @property
    def m(self) -> int:
        return self.x1 + self.x0

    @property
    def lowest(self) -> int:
        return max(0, self.m - self.n0)

    @property
    def highest(self) -> int:
        return min(self.n1, self.m)

    @property
    def says_something(self) -> bool:
        return self.highest > self.lowest

    @property
    def expected(self) -> float:
        """Of x1 when both revisions are equally good; 0 without requests."""
        whole = self.n1 + self.n0
        return self.n1 * self.m / whole if whole else 0.0


def log_factors(table: Table, ratios: Sequence[float], margin: float = 1.0) -> list[float]:
    """The log likelihood ratio of odds `margin`·r against `margin`, for each r of `ratios`.

    Each exp() of it is an e-value for "the odds ratio is at most `margin`" when r > 1, for "at least" when
    r < 1. Exactly for supports up to `SUMMED`, with a mean below 1 beyond.
    """
    if not table.says_something:
        return [0.0] * len(ratios)
    over = table.x1 - table.lowest
    if table.highest - table.lowest <= SUMMED:
        weights, mode = _weights(table, margin)
        base = sum(weights)
        return [over * log(r) - (log(_tilted(weights, mode, r) / base) + mode * log(r)) for r in ratios]
    length = table.highest - table.lowest
    least, most = _mean_bounds(table, margin)
    return [over * log(r) - length * log1p((most if r > 1 else least) / length * (r - 1)) for r in ratios]


def mid_p(table: Table) -> float:
    """P(x < x1) + P(x = x1)/2 when both revisions are equally good: mean exactly 1/2, whatever the counts.

    1/2 for a table that says nothing. Beyond a support of `WIDE` by the normal approximation.
    """
    if not table.says_something:
        return 0.5
    if table.highest - table.lowest > WIDE:
        whole, mean = table.n1 + table.n0, table.expected
        spread = sqrt(mean * (1 - table.m / whole) * table.n0 / (whole - 1))
        return 0.5 * erfc((mean - table.x1) / (spread * sqrt(2)))
    weights, _ = _weights(table, 1.0)
    at = table.x1 - table.lowest
    return (sum(weights[:at]) + weights[at] / 2) / sum(weights)


def tail(part: int, trials: float, mean: float) -> float:
    """At most how likely `part` or more are, of a sum of `trials` independent Bernoulli variables with this mean.

    The binomial's tail (Hoeffding 1956: it dominates for `part` above the mean by 1 or more), 1 below that.
    """
    if mean <= 0 or part < mean + 1:
        return 1.0 if part < mean + 1 else 0.0
    return chance(part, round(trials), mean / round(trials))


def chance(part: int, whole: int, rate: float) -> float:
    """How likely `part` or more of `whole` are, when each is with probability `rate`: a binomial tail.

    Of nothing (n = 0), and at or below the expected number, the answer is 1; of one request (n = 1) it is `rate`.
    """
    if part <= whole * rate:
        return 1.0
    if rate <= 0 or part > whole:
        return 0.0
    if rate >= 1:
        return 1.0
    ways = lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)
    term = exp(ways + part * log(rate) + (whole - part) * log1p(-rate))
    total = 0.0
    while part <= whole and term > total * NEGLIGIBLE:  # above the expected number terms only fall
        total += term
        term *= (whole - part) / (part + 1) * rate / (1 - rate)
        part += 1
    return min(total, 1.0)


def _weights(table: Table, odds: float) -> tuple[list[float], int]:
    """P(x) up to a factor for every x of the support, and the place of the largest, whose weight is 1."""
    n1, n0, m, low, high = table.n1, table.n0, table.m, table.lowest, table.highest
    mode = min(max(_mode(n1, n0, m, odds), low), high)
    up, weight = [1.0], 1.0
    for x in range(mode, high):
        weight *= (n1 - x) * (m - x) / ((x + 1) * (n0 - m + x + 1)) * odds
        up.append(weight)
    down: list[float] = []
    weight = 1.0
    for x in range(mode, low, -1):
        weight *= x * (n0 - m + x) / ((n1 - x + 1) * (m - x + 1)) / odds
        down.append(weight)
    return [*reversed(down), *up], mode - low


def _mode(n1: int, n0: int, m: int, odds: float) -> int:
    a = odds - 1
    b = (n1 + m + 2) * odds + n0 - m
    c = (n1 + 1.0) * (m + 1.0) * odds
    return int(2 * c / (b + sqrt(max(b * b - 4 * a * c, 0.0))))


def _tilted(weights: Sequence[float], mode: int, ratio: float) -> float:
    """Sum of weight·ratio^(x − mode): Horner upwards, and downwards with the inverse."""
    above = 0.0
    for weight in reversed(weights[mode:]):
        above = above * ratio + weight
    below, inverse = 0.0, 1 / ratio
    for weight in weights[:mode]:
        below = (below + weight) * inverse
    return above + below


def _mean_bounds(table: Table, odds: float) -> tuple[float, float]:
    """Between which numbers the mean of x − lowest lies: exact at odds 1."""
    first, second = _mean(table, odds, 0.0), _mean(table, odds, 1.0)
    return min(first, second), max(first, second)


def _mean(table: Table, odds: float, spread: float) -> float:
    """The mean of x − lowest when its variance is `spread` times its largest, that of a binomial."""
    low, length, rest = table.lowest, table.highest - table.lowest, odds - 1
    pull = odds * (table.n1 + table.m) + table.n0 - table.m
    a = rest * (1 - spread / length)
    b = pull - 2 * rest * low - rest * spread
    c = rest * low * low - pull * low + odds * table.n1 * table.m
    return min(max(2 * c / (b + sqrt(max(b * b - 4 * a * c, 0.0))), 0.0), length)
