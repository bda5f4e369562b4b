"""When each request of a constant-rate load is due. Pure: it knows no answers, so it cannot wait for them.

Requests are numbered from 0; number 0 is due at the start. Times are whole nanoseconds since the start, rates
whole requests per second, so nothing drifts in a long run.
"""

SECOND_NS = 1_000_000_000


def due_ns(number: int, rate: int) -> int:
    """When the request of this number is to be sent."""
    return -(-number * SECOND_NS // rate)


def due_by(elapsed_ns: int, rate: int) -> int:
    """How many requests are to have been sent by then: those due at `elapsed_ns` or before."""
    return elapsed_ns * rate // SECOND_NS + 1 if elapsed_ns >= 0 else 0
