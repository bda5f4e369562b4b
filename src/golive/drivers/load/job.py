"""What load is wanted: where to, how much, with which requests. Travels to the generators as one line of JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from math import inf
from typing import Any
from urllib.parse import SplitResult, urlsplit

from golive.drivers.load.schedule import Schedule, Segment
from golive.errors import Exit, Failure

MOST_RATE = 200_000  # requests per second, all generators together; beyond it one machine says nothing
PORTS = {"http": 80, "https": 443}
LOOPBACK = "127.0.0.1"
UNSENT = ("HEAD", "CONNECT", "TRACE")  # whose answers cannot be read without knowing what was asked


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request. `${name}` in path, headers and body takes a captured value or a column of the data."""

    name: str
    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    codes: tuple[int, ...] = ()  # what is expected; none: every code below 400
    capture: Mapping[str, str] = field(default_factory=dict)  # variable → path into the JSON answer
    think_ms: int = 0  # before it is sent, after the answer to the one before


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What one arriving user does: a request, or several one after the other."""

    weight: int = 1
    steps: tuple[Step, ...] = (Step(name="GET /"),)
    rows: tuple[Mapping[str, str], ...] = ()  # of the data; users take them in turn
    cookies: bool = True  # kept within the visit of one user


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where requests go: http(s)://host:port. `address` is what connections are opened to."""

    url: str
    address: str = ""  # "" is the host of the url, which must be an address then
    public: bool = False  # it may lie outside of this machine and its private networks

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        """As connections are opened to it."""
        host = self.address or self.parts.hostname or ""
        return LOOPBACK if host == "localhost" else host

    @property
    def port(self) -> int:
        return self.parts.port or PORTS[self.parts.scheme]

    @property
    def secure(self) -> bool:
        return self.parts.scheme == "https"


@dataclass(frozen=True, kw_only=True)
class Job:
    """An open-loop load. Refused with a `Failure` when it cannot be done.

    With two places they take turns of `interval_s`: A B B A. Without `public` only loopback and private addresses:
    a load on somebody else's service is an attack.
    """

    places: tuple[Place, ...]
    segments: tuple[Segment, ...]
    flows: tuple[Flow, ...] = (Flow(),)
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 10.0  # of each request, from the moment at which it was due
    connections: int = 0  # at most so many at a time, all generators together; 0: as the limit on files allows
    interval_s: float = 0.0  # length of an interval of the measurement; 0: one for all
    ca: str = ""  # certificates to trust besides the machine's, PEM

    def __post_init__(self) -> None:
        reason = _refusal(self)
        if reason:
            raise Failure(
                where=f"load on {self.places[0].url if self.places else 'nothing'}",
                what=reason,
                why="load goes to this machine or its private network, at a rate that can be kept",
                next=f"use http://127.0.0.1:PORT, paths from /, and at most {MOST_RATE} requests/s",
                code=Exit.USAGE,
            )

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.segments)

    def to_json(self) -> bytes:
        """One line."""
        told = asdict(self)
        for segment in told["segments"]:
            segment["length_s"] = None if segment["length_s"] == inf else segment["length_s"]
        return json.dumps(told).encode() + b"\n"


def from_json(line: bytes) -> Job:
    """The job of such a line."""
    told: dict[str, Any] = json.loads(line)
    segments = tuple(
        Segment(**{**one, "length_s": inf if one["length_s"] is None else one["length_s"]})
        for one in told["segments"]
    )
    places = tuple(Place(**one) for one in told["places"])
    flows = tuple(_flow(one) for one in told["flows"])
    return Job(**{**told, "segments": segments, "places": places, "flows": flows})


def _flow(told: dict[str, Any]) -> Flow:
    steps = tuple(Step(**{**one, "codes": tuple(one["codes"])}) for one in told["steps"])
    return Flow(**{**told, "steps": steps, "rows": tuple(told["rows"])})


def _refusal(job: Job) -> str:
    """Why the job cannot be done, or ""."""
    peak = max((max(s.begin_per_s, s.end_per_s) for s in job.segments), default=0)
    steps = [step for flow in job.flows for step in flow.steps]
    headers = {**job.headers, **{name: value for step in steps for name, value in step.headers.items()}}
    unsent = [step.method for step in steps if step.method in UNSENT or not step.method.isalpha()]
    paths = [step.path for step in steps]
    if not 0 < peak <= MOST_RATE:
        return f"{peak:g} requests/s cannot be kept"
    if not paths or not all(path.startswith("/") and _is_one_word(path) for path in paths):
        return f"these are no paths: {', '.join(paths) or 'none'}"
    if unsent:
        return f"{unsent[0]} cannot be sent under load"
    if not all(_is_one_line(name + value) for name, value in headers.items()):
        return "a header holds a line break"
    if job.timeout_s <= 0:
        return f"a timeout of {job.timeout_s:g} s leaves no time for an answer"
    return next((reason for reason in map(_foreign, job.places) if reason), "" if job.places else "no place")


def _foreign(place: Place) -> str:
    try:
        parts = place.parts
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"this is no address: {error}"
    bare = parts.path in ("", "/") and not parts.query and parts.username is None
    if parts.scheme not in PORTS or not bare:
        return "this is not http(s)://host:port"
    if place.public or host == "localhost" or is_near(place.host):
        return ""
    return f"{host or 'no host'} is not near"


def is_near(host: str) -> bool:
    """Whether it is an address of this machine or of a private network; a name may be anybody's tomorrow."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or (address.is_private and not address.is_link_local and not address.is_unspecified)


def _is_one_word(text: str) -> bool:
    return text.isprintable() and " " not in text


def _is_one_line(text: str) -> bool:
    return not set(text) & set("\r\n\0")
