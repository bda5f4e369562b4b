"""One arriving user: the requests of a flow with what they depend on, filled in and sent one after the other."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote

from golive.drivers.load.job import Flow, Job, Place, Step
from golive.drivers.load.reply import Reply
from golive.spec.jsonpath import steps as parts

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
IN_PATH = "-._~/:@!$&'()*+,;=%?"  # a value is quoted as far as a path needs it
REPEATABLE = frozenset({"GET", "OPTIONS", "PUT", "DELETE"})  # RFC 9110, 9.2.2
MOST_COOKIES = 64
MOST_VALUE = 4096  # characters of a captured value

OWN = {"user-agent": "golive-load", "accept": "*/*"}


class Unsendable(Exception):
    """A request that a captured value, or the lack of one, spoils. Says what in a few words."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A request as it goes over the wire."""

    name: int
    request: bytes
    repeatable: bool


@dataclass(eq=False, slots=True)
class Visit:
    """Where a user is in a flow."""

    flow: Flow
    place: int
    interval: int = 0  # of the request that is on its way
    next: int = 0  # the step that comes next
    values: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def take(self, step: Step, reply: Reply) -> str:
        """Keep what later steps need; says what is missing, or "" when nothing is."""
        if self.flow.cookies:
            self._keep(reply.cookies)
        if not step.capture:
            return ""
        try:
            document = json.loads(reply.body)
        except (ValueError, RecursionError):
            return "no JSON to capture from"
        for name, path in step.capture.items():
            found = _at(document, path)
            if not isinstance(found, (str, int, float)):
                return f"{path} is not in the answer"
            self.values[name] = str(found)[:MOST_VALUE]
        return ""

    def _keep(self, told: tuple[bytes, ...]) -> None:
        for line in told:
            cookie = SimpleCookie()
            try:
                cookie.load(line.decode("latin-1"))
            except CookieError:
                continue
            for name, morsel in cookie.items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                elif name in self.cookies or len(self.cookies) < MOST_COOKIES:
                    self.cookies[name] = morsel.coded_value


def _at(document: Any, path: str) -> Any:
    try:
        return reduce(lambda value, part: value[part], parts(path), document)
    except (KeyError, IndexError, TypeError):
        return None


class Requests:
    """Every request of a job, rendered once where nothing in it changes."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.names = tuple(dict.fromkeys(step.name for flow in job.flows for step in flow.steps))
        self._number = {name: number for number, name in enumerate(self.names)}
        self._fixed: dict[tuple[int, int], Ready] = {}
        for place in range(len(job.places)):
            for flow in job.flows:
                for step in flow.steps:
                    if not varies(step, job.headers):
                        self._fixed[place, id(step)] = self._render(place, step, {}, {})

    def simple(self, place: int, flow: Flow) -> Ready | None:
        """The one request of a flow that depends on nothing, and that nothing depends on."""
        if len(flow.steps) > 1 or flow.steps[0].capture:
            return None
        return self._fixed.get((place, id(flow.steps[0])))

    def of(self, visit: Visit) -> Ready:
        """The next request of a visit. `Unsendable` when it cannot be made."""
        step = visit.flow.steps[visit.next]
        fixed = self._fixed.get((visit.place, id(step)))
        if fixed and not visit.cookies:
            return fixed
        return self._render(visit.place, step, visit.values, visit.cookies)

    def name(self, step: Step) -> int:
        """The number of a step's name."""
        return self._number[step.name]

    def _render(self, place: int, step: Step, values: Mapping[str, str], cookies: Mapping[str, str]) -> Ready:
        path = _filled(step.path, values, lambda value: quote(value, safe=IN_PATH))
        told = {name.lower(): value for name, value in {**self._job.headers, **step.headers}.items()}
        headers = {"host": host_of(self._job.places[place]), **OWN, **told}
        if cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        lines = {name: _filled(value, values, _one_line) for name, value in headers.items()}
        body = b"" if step.body is None else _filled(step.body, values, _json_safe(headers)).encode()
        if step.body is not None or step.method in ("POST", "PUT", "PATCH"):
            lines["content-length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        request = f"{step.method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
        return Ready(self._number[step.name], request, step.method in REPEATABLE)


def host_of(place: Place) -> str:
    """As the header names it."""
    return place.parts.netloc


def varies(step: Step, headers: Mapping[str, str]) -> bool:
    """Whether it holds a variable."""
    return bool(variables(step)) or any(VARIABLE.search(text) for text in headers.values())


def variables(step: Step) -> set[str]:
    """The names of the values that it needs."""
    texts = (step.path, step.body or "", *step.headers.values())
    return {found[1] for text in texts for found in VARIABLE.finditer(text)}


def _filled(text: str, values: Mapping[str, str], make: Any) -> str:
    def one(found: re.Match[str]) -> str:
        value = values.get(found[1])
        if value is None:
            raise Unsendable(f"no value for {found[0]}")
        return str(make(value))

    return VARIABLE.sub(one, text) if "${" in text else text


def _one_line(value: str) -> str:
    if set(value) & set("\r\n\0"):
        raise Unsendable("a captured value holds a line break")
    return value


def _json_safe(headers: Mapping[str, str]) -> Any:
    """In a JSON body a value stands inside of quotes; elsewhere as it is."""
    is_json = "json" in headers.get("content-type", "")
    return (lambda value: json.dumps(value)[1:-1]) if is_json else (lambda value: value)
