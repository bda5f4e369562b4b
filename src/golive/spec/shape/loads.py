"""The key `load`: which requests golive perf sends, and how many arrive when."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from golive.spec import quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.kind import or_null
from golive.spec.shape.base import Shape, Written, both, default
from golive.spec.shape.smoke import Headers, JsonPath, Request
from golive.spec.shape.variables import Secret, VariableName

Engine = Literal["golive", "locust", "k6", "oha", "wrk"]
Rate = Annotated[int, quantities.whole(1, 200_000)]
Length = Annotated[timedelta, quantities.duration("1s", "24h")]
WAYS = ("rate", "steps", "trace", "knee")


class LoadStep(Request):
    """One request. `${name}` takes a captured value, or a column of `data`."""

    name: Annotated[str, texts.text(80)] | None = Field(
        default=None,
        description="What results call it. Without it: method and path.",
        examples=["order a lamp"],
    )
    codes: list[Annotated[int, quantities.whole(100, 599)]] = Field(
        default=[],
        max_length=20,
        description="The codes that are expected. Without it: every code below 400.",
        examples=[[201]],
    )
    capture: dict[VariableName, JsonPath] = Field(
        default={},
        description="Variables for later steps, each with the path of its value in the JSON answer.",
        examples=[{"id": "items[0].id"}],
    )
    think: Annotated[timedelta, quantities.duration("0s", "10m")] = Field(
        default=default(values.LoadStep, "think"),
        description="How long the user waits before sending it.",
        examples=["500ms"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        yield from Request.rules.__func__(cls, written)  # type: ignore[attr-defined]
        if written.get("method") == "HEAD":
            yield Fault(
                "HEAD is not sent under load",
                why="where its answer ends cannot be told from the answer alone",
                next="write method: GET",
                at=("method",),
            )

    def step(self) -> values.LoadStep:
        headers, body = self.sent()
        return values.LoadStep(
            name=self.name or f"{self.method} {self.path}",
            method=self.method,
            path=self.path,
            headers=headers,
            body=body,
            codes=tuple(self.codes),
            capture=self.capture,
            think=self.think,
        )


class LoadFlow(Shape):
    """What one arriving user does: a request, or several one after the other."""

    steps: list[LoadStep] = Field(
        min_length=1,
        max_length=50,
        description="The requests of one user, each sent when the one before is answered.",
        examples=[[{"path": "/products", "capture": {"id": "items[0].id"}}, {"path": "/products/${id}"}]],
    )
    weight: Annotated[int, quantities.whole(1, 1_000)] = Field(
        default=default(values.LoadFlow, "weight"),
        description="How many users do this, in proportion to the others.",
        examples=[3],
    )
    data: Annotated[str, texts.file_path()] | None = Field(
        default=None,
        description="A CSV file with names in its first line; users take its rows in turn.",
        examples=["load/users.csv"],
    )
    cookies: Annotated[bool, texts.yes_no()] = Field(
        default=default(values.LoadFlow, "cookies"),
        description="Whether a user sends back the cookies that it got.",
        examples=[False],
    )

    def value(self) -> values.LoadFlow:
        return values.LoadFlow(
            steps=tuple(step.step() for step in self.steps),
            weight=self.weight,
            data=self.data or "",
            cookies=self.cookies,
        )


class LoadStage(Shape):
    """So long at a rate."""

    rate: Annotated[int, quantities.whole(0, 200_000)] = Field(
        description="Users that arrive per second, at the end of the stage.", examples=[200]
    )
    duration: Length = Field(description="How long the stage lasts.", examples=["1m"])
    begin: Annotated[int, quantities.whole(0, 200_000)] | None = Field(
        default=None,
        description="The rate at the beginning of the stage; it changes evenly. Without it: the same rate.",
        examples=[10],
    )

    def value(self) -> values.LoadStage:
        return values.LoadStage(rate=self.rate, duration=self.duration, begin=self.begin)


class Knee(Shape):
    """The search for the highest rate that keeps the objectives."""

    lowest: Rate = Field(
        default=default(values.Knee, "lowest"), description="The rate to begin with, per second.", examples=[50]
    )
    highest: Rate = Field(
        default=default(values.Knee, "highest"), description="The rate to end with, per second.", examples=[5000]
    )
    step: Length = Field(
        default=default(values.Knee, "step"), description="How long each rate is tried.", examples=["10s"]
    )
    within: Annotated[int, quantities.share()] = Field(
        default=default(values.Knee, "within_ppm"),
        description="How closely the rate is told.",
        examples=["5 %"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        lowest = written.get("lowest", default(values.Knee, "lowest"))
        highest = written.get("highest", default(values.Knee, "highest"))
        if isinstance(lowest, int) and isinstance(highest, int) and lowest >= highest:
            yield Fault(
                f"there is nothing between {lowest} and {highest}",
                why="the search begins at `lowest` and ends at `highest`",
                next=f"write highest: {lowest * 10}",
                at=("highest",) if "highest" in written else ("lowest",),
            )

    def value(self) -> values.Knee:
        return values.Knee(
            lowest=self.lowest, highest=self.highest, step=self.step, within_ppm=max(self.within, 1_000)
        )


class Abort(Shape):
    """When going on would only do harm."""

    error_rate: Annotated[int | None, or_null(quantities.share())] = Field(
        default=default(values.Abort, "error_rate_ppm"),
        description="More failures than that end the load; null: never.",
        examples=["50 %"],
    )
    p99: Annotated[timedelta, quantities.duration("1ms", "10m")] | None = Field(
        default=None, description="A p99 above it ends the load.", examples=["5s"]
    )
    window: Annotated[timedelta, quantities.duration("1s", "10m")] = Field(
        default=default(values.Abort, "window"),
        description="Over how long both are measured.",
        examples=["10s"],
    )

    def value(self) -> values.Abort:
        p99_ms = self.p99 // timedelta(milliseconds=1) if self.p99 else None
        return values.Abort(error_rate_ppm=self.error_rate, p99_ms=p99_ms, window=self.window)


class Scenario(Shape):
    """One way to load the service."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [way]} for way in WAYS]})

    rate: Rate | None = Field(
        default=None, description="Users that arrive per second, all the time; with `duration`.", examples=[200]
    )
    duration: Length | None = Field(default=None, description="How long that `rate` lasts.", examples=["5m"])
    steps: list[LoadStage] | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Instead of a rate: stages one after the other, as steps, ramps or spikes.",
        examples=[[{"rate": 50, "duration": "30s"}, {"rate": 500, "duration": "10s"}]],
    )
    trace: Annotated[str, texts.file_path()] | None = Field(
        default=None,
        description="Instead of a rate: an access log (common or combined format) whose requests arrive again as "
        "they did then. Without `load.requests` its own GET requests are sent.",
        examples=["load/access.log"],
    )
    speed: Annotated[int, quantities.whole(1, 100_000)] = Field(
        default=default(values.Scenario, "speed"),
        description="How fast the `trace` is played, in percent.",
        examples=[200],
    )
    knee: Knee | None = Field(
        default=None,
        description="Instead of a rate: look for the highest one that keeps the objectives.",
        examples=[{"lowest": 50, "highest": 5000}],
    )
    engine: Annotated[Engine, texts.choice(Engine)] = Field(
        default=default(values.Scenario, "engine"),
        description="Who makes the load; all but `golive` must be installed.",
        examples=["locust"],
    )
    locustfile: Annotated[str, texts.file_path()] | None = Field(
        default=None,
        description="With `engine: locust`: your own locustfile. Without it: one that asks for the same requests.",
        examples=["load/locustfile.py"],
    )
    users: Annotated[int, quantities.whole(1, 100_000)] = Field(
        default=default(values.Scenario, "users"),
        description="With an engine that has users instead of a rate: how many.",
        examples=[50],
    )
    workers: Annotated[int, quantities.whole(0, 1_000)] = Field(
        default=default(values.Scenario, "workers"),
        description="With `engine: locust`: how many workers join from other machines, each started there with "
        "`locust -f FILE --worker --master-host THIS`; 0: as many as this machine has cores, here.",
        examples=[4],
    )
    abort: Abort = Field(
        default_factory=Abort,
        description="When the load ends early, because going on would only do harm.",
        examples=[{"error_rate": "50 %"}],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        ways = [way for way in WAYS if way in written]
        for second in ways[1:]:
            yield both(ways[0], second)
        if not ways:
            yield Fault(
                "the scenario sends nothing", next="add `rate` and `duration`, or `steps`, `trace` or `knee`"
            )
        if ways == ["rate"] and "duration" not in written:
            yield Fault("a rate without a `duration` has no end", next="write for instance duration: 1m")
        if "duration" in written and "rate" not in written:
            yield Fault(
                "`duration` belongs to a `rate`", next="add `rate`, or remove it", at=("duration",), in_key=True
            )
        if written.get("engine", "golive") != "golive" and ways and ways[0] != "rate":
            yield Fault(
                f"{written['engine']} is not driven through `{ways[0]}`",
                why="only a constant rate means the same to every engine",
                next="write `rate` and `duration`, or engine: golive",
                at=("engine",),
            )

    def value(self) -> values.Scenario:
        constant = (
            (values.LoadStage(rate=self.rate, duration=self.duration),) if self.rate and self.duration else ()
        )
        return values.Scenario(
            stages=constant or tuple(stage.value() for stage in self.steps or ()),
            trace=self.trace or "",
            speed=self.speed,
            knee=self.knee.value() if self.knee else None,
            engine=self.engine,
            locustfile=self.locustfile or "",
            users=self.users,
            workers=self.workers,
            abort=self.abort.value(),
        )


class Loads(Shape):
    """What golive perf puts on the service."""

    requests: list[LoadFlow] = Field(
        default=[],
        max_length=50,
        description="What arriving users do. Without it: the GET requests of smoke test and health checks.",
        examples=[[{"steps": [{"path": "/"}], "weight": 3}, {"steps": [{"path": "/products"}]}]],
    )
    headers: Headers = Field(
        default={}, description="Headers of every request.", examples=[{"x-load-test": "golive"}]
    )
    secrets: dict[Annotated[str, texts.header_name()], Secret] = Field(
        default={},
        description="Headers of every request whose values are secrets, by reference.",
        examples=[{"authorization": {"env": "LOAD_TOKEN"}}],
    )
    timeout: Annotated[timedelta, quantities.duration("10ms", "10m")] = Field(
        default=default(values.Loads, "timeout"),
        description="A request that has no whole answer so long after it was due has failed.",
        examples=["5s"],
    )
    connections: Annotated[int, quantities.whole(0, 60_000)] = Field(
        default=default(values.Loads, "connections"),
        description="The most connections at a time; users that find none free wait, and that counts. 0: as many "
        "as this machine lets a process open.",
        examples=[500],
    )
    ca: Annotated[str, texts.file_path()] | None = Field(
        default=None,
        description="A file with certificates (PEM) to trust besides the machine's, for https.",
        examples=["certificates/staging.pem"],
    )
    metrics: Annotated[str, texts.url_path()] | None = Field(
        default=None,
        description="A path at which each instance shows Prometheus metrics: garbage collection is read there.",
        examples=["/metrics"],
    )
    scenarios: dict[Annotated[str, texts.name()], Scenario] = Field(
        default={},
        max_length=50,
        description="Ways to load the service, by name: "
        + ", ".join(values.SCENARIOS)
        + " are there without being "
        "written, and may be written anew.",
        examples=[{"load": {"rate": 200, "duration": "5m"}}],
    )

    def value(self) -> values.Loads:
        return values.Loads(
            flows=tuple(flow.value() for flow in self.requests),
            headers=self.headers,
            secrets={name: secret.value() for name, secret in self.secrets.items()},
            timeout=self.timeout,
            connections=self.connections,
            ca=self.ca or "",
            metrics=self.metrics or "",
            scenarios={**values.SCENARIOS, **{name: one.value() for name, one in self.scenarios.items()}},
        )


class LoadLimit(Shape):
    """The most load that an environment may get without a signed waiver of `load-within-limits`."""

    rate: Rate | None = Field(default=None, description="Requests per second at most.", examples=[100])
    duration: Length | None = Field(default=None, description="How long at most.", examples=["5m"])
    url: Annotated[str, texts.text(200)] | None = Field(
        default=None,
        description="Where the load goes instead of to the front door: http(s)://host:port.",
        examples=["https://staging.internal:8443"],
    )
    public: Annotated[bool, texts.yes_no()] = Field(
        default=default(values.LoadLimit, "public"),
        description="Whether that may lie outside of this machine and its private networks.",
        examples=[True],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        url = written.get("url")
        if isinstance(url, str) and (not url.startswith(("http://", "https://")) or "@" in url):
            yield Fault(
                f"{url.rpartition('@')[2]} is not http(s)://host:port",
                why="it is kept as evidence, so it holds no password",
                next="write for instance url: https://staging.internal:8443",
                at=("url",),
            )

    def value(self, limit: values.LoadLimit) -> values.LoadLimit:
        """With what is not written taken from `limit`."""
        return values.LoadLimit(
            rate=self.rate or limit.rate,
            duration=self.duration or limit.duration,
            url=self.url or "",
            public=self.public,
        )
