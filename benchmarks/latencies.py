"""How long simulated requests take, as probabilities of histogram buckets: lognormal, looked up in tables."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BOUNDS_MS = tuple(dict.fromkeys(round(10 * 2 ** (eighth / 8)) for eighth in range(67)))  # 10 ms to 3.044 s
MEDIAN_MS, P99_MS = 80.0, 323.0
Z90, Z99 = 1.2815515655446004, 2.3263478740408408  # quantiles of the normal distribution
SIGMA = math.log(P99_MS / MEDIAN_MS) / Z99
STEP, FASTEST, SLOWEST = 0.001, -1.5, 2.0  # of the tables, in logarithms: 0.1 %, far beyond any world


def bucket_shares(log_factors: Floats, tail_times: float = 1.0) -> Floats:
    """For each row (a tick) of the log latency factors of its pods, the share of requests in each bucket.

    `tail_times` makes the slowest tenth slower by that factor, and the rest not.
    """
    table = _table(tail_times)
    row = np.clip(np.rint((log_factors - FASTEST) / STEP).astype(np.int64), 0, len(table) - 1)
    shares: Floats = table[row].mean(axis=1)
    return shares


@cache
def _table(tail_times: float) -> Floats:
    """Row by row, for rising latency factors, the probability of each bucket."""
    factors = np.exp(np.arange(FASTEST, SLOWEST, STEP))
    below = _below(np.array(BOUNDS_MS) / factors[:, None], tail_times)
    zero, one = np.zeros((len(factors), 1)), np.ones((len(factors), 1))
    return np.diff(np.concatenate([zero, below, one], axis=1), axis=1)


def _below(ms: Floats, tail_times: float) -> Floats:
    """The share of requests up to so many milliseconds, where the slowest tenth is slower by a factor."""
    if tail_times == 1.0:
        return _lognormal(ms)
    slow = MEDIAN_MS * math.exp(SIGMA * Z90)
    return np.maximum(np.minimum(_lognormal(ms), 0.9), np.where(ms > slow, _lognormal(ms / tail_times), 0))


def _lognormal(ms: Floats) -> Floats:
    z = np.log(ms / MEDIAN_MS) / (SIGMA * math.sqrt(2))
    erf: Floats = np.vectorize(math.erf, otypes=[np.float64])(z)
    return 0.5 + 0.5 * erf
