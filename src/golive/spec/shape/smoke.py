"""The key `smoke`: what is tried on a new revision before users reach it, and after."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from golive.spec import commands, quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.jsonpath import json_path
from golive.spec.jsonvalue import json_value
from golive.spec.kind import or_null
from golive.spec.shape.base import Shape, Written, both, default, mapping
from golive.spec.shape.variables import VariableName

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


Headers = dict[Annotated[str, texts.header_name()], Annotated[str, texts.header_value()]]
JsonPath = Annotated[str, json_path()]


class Request(Shape):
    """An HTTP request. `${name}` in path, headers and body takes a value that an earlier step captured."""

    method: Annotated[Method, texts.choice(Method)] = Field(
        default="GET", description="The method of the request.", examples=["POST"]
    )
    path: Annotated[str, texts.url_path()] = Field(
        description="The path that is asked for, query included.", examples=["/products/${id}"]
    )
    headers: Headers = Field(default={}, description="Headers to send.", examples=[{"accept": "application/json"}])
    body: Annotated[str, texts.text(65_536, lines=True)] | None = Field(
        default=None, description="The body, as text. Not together with `json`.", examples=["name=lamp"]
    )
    json_: Annotated[Any, json_value()] = Field(
        default=None,
        alias="json",
        description="The body, as a value that is sent as JSON with its content-type.",
        examples=[{"name": "lamp", "price": 12}],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        yield from _same_headers(written)
        if "body" in written and "json" in written:
            yield both("body", "json")

    def sent(self) -> tuple[dict[str, str], str | None]:
        """Headers and body as they go out."""
        if self.json_ is None:
            return self.headers, self.body
        body = json.dumps(self.json_, ensure_ascii=False, separators=(",", ":"))
        return {"content-type": "application/json"} | self.headers, body


class Expect(Shape):
    """What the answer must look like; all of it must hold."""

    code: Annotated[int | None, or_null(quantities.whole(100, 599))] = Field(
        default=default(values.Expectation, "code"),
        description="The code; null takes any. Redirects are not followed.",
        examples=[200],
    )
    headers: Headers = Field(
        default={},
        description="Headers that must be there, each with a text that its value must contain.",
        examples=[{"content-type": "application/json"}],
    )
    json_: dict[JsonPath, Annotated[Any, json_value()]] = Field(
        default={},
        alias="json",
        description="Paths into the JSON answer, each with the value that must stand there.",
        examples=[{"items[0].id": 1}],
    )
    text: Annotated[str, texts.text(2000, lines=True)] | None = Field(
        default=None, description="Text that must occur in the body.", examples=["Welcome"]
    )
    latency: Annotated[timedelta, quantities.duration("1ms", "5m")] | None = Field(
        default=None, description="The answer must take no longer.", examples=["500ms"]
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        yield from _same_headers(written)

    def value(self) -> values.Expectation:
        return values.Expectation(
            code=self.code,
            headers=self.headers,
            json=self.json_,
            text=self.text,
            latency_ms=self.latency // timedelta(milliseconds=1) if self.latency else None,
        )


class SmokeStep(Shape):
    """One request, what is expected of its answer, and what later steps take from it."""

    name: Annotated[str, texts.text(80)] = Field(
        description="What the step shows, for people.", examples=["lists products"]
    )
    request: Request = Field(description="The request that is sent.", examples=[{"path": "/products"}])
    expect: Expect = Field(
        default_factory=Expect,
        description="What the answer must look like. Without it: code 200.",
        examples=[{"code": 200, "json": {"items[0].id": 1}}],
    )
    capture: dict[VariableName, JsonPath] = Field(
        default={},
        description="Variables for later steps, each with the path of its value in the JSON answer.",
        examples=[{"id": "items[0].id"}],
    )
    timeout: Annotated[timedelta, quantities.duration("10ms", "5m")] = Field(
        default=default(values.SmokeStep, "timeout"),
        description="No answer by then is a failure.",
        examples=["5s"],
    )

    def value(self) -> values.SmokeStep:
        headers, body = self.request.sent()
        return values.SmokeStep(
            name=self.name,
            method=self.request.method,
            path=self.request.path,
            headers=headers,
            body=body,
            expect=self.expect.value(),
            capture=self.capture,
            timeout=self.timeout,
        )


class Smoke(Shape):
    """A smoke test: HTTP steps, or a command."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["steps"]}, {"required": ["command"]}]})

    steps: list[SmokeStep] | None = Field(
        default=None,
        min_length=1,
        max_length=50,
        description="Requests that are sent one after the other, until one is not answered as expected.",
        examples=[[{"name": "lists products", "request": {"path": "/products"}}]],
    )
    command: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None,
        description="A command that exits 0 when the revision works. It gets GOLIVE_URL, and in GOLIVE_HEADER "
        "the header that reaches the new revision.",
        examples=[["python3", "smoke.py"]],
    )
    timeout: Annotated[timedelta, quantities.duration("1s", "1h")] = Field(
        default=default(values.SmokeTest, "timeout"),
        description="How long the whole test may take.",
        examples=["1m"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        if "steps" in written and "command" in written:
            yield both("steps", "command")
        if "steps" not in written and "command" not in written:
            yield Fault("the test tries nothing", next="add `steps` or a `command`, or remove `smoke`")

    def value(self) -> values.SmokeTest:
        steps = tuple(step.value() for step in self.steps or ())
        return values.SmokeTest(steps=steps, command=self.command or (), timeout=self.timeout)


def _same_headers(written: Written) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name in mapping(written.get("headers")):
        if name.lower() in seen:
            yield Fault(
                f"{name} is the same header as {seen[name.lower()]}",
                why="header names are compared without case",
                next="remove one of them",
                at=("headers", name),
                in_key=True,
            )
        seen.setdefault(name.lower(), name)
