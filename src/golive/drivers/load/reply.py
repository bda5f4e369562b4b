"""A whole answer to a request of a load."""

from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class Reply:
    """A whole answer. Cookies and body are there for visits that need them."""

    code: int
    revision: str = ""
    cookies: tuple[bytes, ...] = ()
    body: bytes = b""
