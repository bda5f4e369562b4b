"""Where a function crosses zero, without derivatives (Brent, Algorithms for Minimization, 1973, chapter 4)."""

from collections.abc import Callable

TOLERANCE = 1e-6
ROUNDING = 2.220446049250313e-16  # of a float
STEPS = 1000


def root(f: Callable[[float], float], low: float, high: float) -> float:
    """A place no farther than the tolerance from where the sign of `f` changes; it must differ at both ends.

    Of the two places on either side the one where `f` is nearer to zero is returned: for a function that jumps
    it may be either.
    """
    best, at_best = high, f(high)
    last, at_last = low, f(low)  # the guess before
    far, at_far = last, at_last  # on the other side of the crossing
    for _ in range(STEPS):
        moved = abs(best - last)
        if abs(at_far) < abs(at_best):
            last, best, far = best, far, best
            at_last, at_best, at_far = at_best, at_far, at_best
        tolerance = 2 * ROUNDING * abs(best) + TOLERANCE / 2
        half = (far - best) / 2
        if abs(half) <= tolerance or at_best == 0:
            break
        step = half
        if moved >= tolerance and abs(at_last) > abs(at_best):
            tried = _interpolated((best, at_best), (last, at_last), (far, at_far))
            if 0 < tried / half < 1.5 - tolerance / abs(half) / 2 and abs(tried) < moved / 2:
                step = tried
        if abs(step) < tolerance:
            step = tolerance if half > 0 else -tolerance
        last, at_last = best, at_best
        best += step
        at_best = f(best)
        if at_best * at_far > 0:
            far, at_far = last, at_last
    return best


Point = tuple[float, float]


def _interpolated(best: Point, last: Point, far: Point) -> float:
    """The step from `best` to zero on a line, or on a parabola that lies on its side through three points.

    0 where there is no such parabola.
    """
    (b, fb), (a, fa), (c, fc) = best, last, far
    if a == c:
        return (c - b) * fb / (fb - fa)
    if fa in (fb, fc) or fb == fc:
        return 0.0
    by_last = (a - b) * fb * fc / ((fa - fb) * (fa - fc))
    by_far = (c - b) * fb * fa / ((fc - fb) * (fc - fa))
    return by_last + by_far
