"""Choosing ports that are free, and that the kernel does not give to anybody's outgoing connection."""

import random
import socket
from collections.abc import Set
from itertools import chain

from golive.errors import Failure

FIRST, LAST = 20_000, 31_999  # below the ephemeral ranges of Linux (32768) and macOS (49152)


def free_port(taken: Set[int], host: str = "127.0.0.1") -> int:
    """A port that is not in `taken` and can be bound now; `Failure` when there is none.

    The search begins anywhere, so that two commands at once seldom meet. Between this answer and the moment
    an instance binds it somebody else can: the instance then fails, and the next start gets another port.
    """
    begin = random.randrange(FIRST, LAST + 1)
    for port in chain(range(begin, LAST + 1), range(FIRST, begin)):
        if port not in taken and _can_be_bound(host, port):
            return port
    raise Failure(
        where=f"ports {FIRST} to {LAST}",
        what="none of them is free",
        why="instances of this service and other programs listen on all of them",
        next="see who listens there: ss -ltnp",
    )


def _can_be_bound(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # earlier connections that linger are no matter
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
