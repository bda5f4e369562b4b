"""The key `health`: what an instance is asked before and while it takes traffic."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import ConfigDict, Field

from golive.spec import commands, quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.shape.base import Shape, Written, both, default

KINDS = ("http", "tcp", "command")


class Http(Shape):
    """A GET request whose answer must have one code."""

    path: Annotated[str, texts.url_path()] = Field(
        default=default(values.HealthCheck, "path"),
        description="The path that is asked for.",
        examples=["/health"],
    )
    code: Annotated[int, quantities.whole(100, 599)] = Field(
        default=default(values.HealthCheck, "code"),
        description="The code that means healthy. Redirects are not followed.",
        examples=[200],
    )


class Tcp(Shape):
    """The instance's port accepts a connection. There is nothing to set."""


class Health(Shape):
    """One question: exactly one of `http`, `tcp` and `command`."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in KINDS]})

    http: Http | None = Field(
        default=None,
        description="Healthy when a GET request is answered with one code.",
        examples=[{"path": "/health", "code": 200}],
    )
    tcp: Tcp | None = Field(
        default=None,
        description="Healthy when the instance's port accepts a connection. Says little: prefer `http`.",
        examples=[{}],
    )
    command: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None,
        description="Healthy when this command exits 0. It gets HOST and PORT in its environment.",
        examples=[["python3", "healthy.py"]],
    )
    interval: Annotated[timedelta, quantities.duration("50ms", "5m")] = Field(
        default=default(values.HealthCheck, "interval"),
        description="From one question to the next.",
        examples=["500ms"],
    )
    timeout: Annotated[timedelta, quantities.duration("10ms", "1m")] = Field(
        default=default(values.HealthCheck, "timeout"),
        description="No answer by then is a failure.",
        examples=["1s"],
    )
    healthy_after: Annotated[int, quantities.whole(1, 20)] = Field(
        default=default(values.HealthCheck, "healthy_after"),
        description="Passes in a row until the instance is ready.",
        examples=[2],
    )
    unhealthy_after: Annotated[int, quantities.whole(1, 20)] = Field(
        default=default(values.HealthCheck, "unhealthy_after"),
        description="Failures in a row until the instance is no longer ready.",
        examples=[3],
    )
    grace: Annotated[timedelta, quantities.duration("1s", "1h")] = Field(
        default=default(values.HealthCheck, "grace"),
        description="From its start until an instance must be ready; one that is not has failed.",
        examples=["30s"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        given = [kind for kind in KINDS if kind in written]
        if not given:
            yield Fault("the check asks nothing", next="add http: {path: /health}, tcp: {} or a command")
        for second in given[1:]:
            yield both(given[0], second)

    def value(self) -> values.HealthCheck:
        http = self.http or Http()
        return values.HealthCheck(
            kind="http" if self.http else "tcp" if self.tcp else "command",
            path=http.path,
            code=http.code,
            command=self.command or (),
            interval=self.interval,
            timeout=self.timeout,
            healthy_after=self.healthy_after,
            unhealthy_after=self.unhealthy_after,
            grace=self.grace,
        )
