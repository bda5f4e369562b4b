"""What load is wanted: where to, how much, with which requests."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from golive.errors import Exit, Failure

MOST_RATE = 20_000  # one generator cannot keep more on time
DEFAULT_PORT = 80


@dataclass(frozen=True, kw_only=True)
class Job:
    """GET requests at a constant rate, the paths in turn. Refused with a `Failure` when it cannot be done.

    Only loopback and private addresses: a load on somebody else's service is an attack.
    """

    url: str  # http://host:port
    rate: int  # requests per second
    paths: tuple[str, ...] = ("/",)
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 10.0  # of each request, from the moment at which it was due

    def __post_init__(self) -> None:
        reason = _refusal(self)
        if reason:
            raise Failure(
                where=f"load on {self.url}",
                what=reason,
                why="load goes by plain HTTP to this machine or its private network, at a rate that can be kept",
                next=f"use http://127.0.0.1:PORT, paths from /, and 1 to {MOST_RATE} requests/s",
                code=Exit.USAGE,
            )

    @property
    def host(self) -> str:
        """As connections are opened to it."""
        host = urlsplit(self.url).hostname or ""
        return "127.0.0.1" if host == "localhost" else host

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or DEFAULT_PORT

    def requests(self) -> tuple[bytes, ...]:
        """The request of each path, as it goes over the wire."""
        own = {"host": urlsplit(self.url).netloc, "user-agent": "golive-load", "accept": "*/*"}
        headers = own | {name.lower(): value for name, value in self.headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return tuple(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode() for path in self.paths)

    def to_json(self) -> bytes:
        """One line."""
        return json.dumps(asdict(self)).encode() + b"\n"


def from_json(line: bytes) -> Job:
    """The job of such a line."""
    told = json.loads(line)
    return Job(**{**told, "paths": tuple(told["paths"])})


def _refusal(job: Job) -> str:
    """Why the job cannot be done, or ""."""
    if not 1 <= job.rate <= MOST_RATE:
        return f"{job.rate} requests/s cannot be kept"
    if not job.paths or not all(path.startswith("/") and _is_one_word(path) for path in job.paths):
        return f"these are no paths: {', '.join(job.paths) or 'none'}"
    if not all(_is_one_line(name + value) for name, value in job.headers.items()):
        return "a header holds a line break"
    if job.timeout_s <= 0:
        return f"a timeout of {job.timeout_s:g} s leaves no time for an answer"
    return _foreign(job.url)


def _foreign(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"this is no address: {error}"
    if parts.scheme != "http" or parts.path not in ("", "/") or parts.query or parts.username is not None:
        return "this is not http://host:port"
    return "" if host == "localhost" or _is_near(host) else f"{host or 'no host'} is not near"


def _is_near(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:  # a name may be anybody's tomorrow
        return False
    return address.is_loopback or (address.is_private and not address.is_link_local and not address.is_unspecified)


def _is_one_word(text: str) -> bool:
    return text.isprintable() and " " not in text


def _is_one_line(text: str) -> bool:
    return not set(text) & set("\r\n\0")
