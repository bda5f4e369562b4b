"""What the operator asked for, as frozen values: the parsed `golive.yaml`.

Everything here was checked by `spec.parse`; the rooms above trust it. Durations are `timedelta`,
weights whole percent, latencies milliseconds, shares parts per million (so that records need no floats).
Commands are argument lists: golive never runs a shell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from golive.spec.observed import Observe
from golive.spec.secretref import SecretRef as SecretRef


@dataclass(frozen=True, kw_only=True)
class Build:
    """How the service's folder becomes an immutable revision, and how an instance of it is started."""

    include: tuple[str, ...]  # glob patterns relative to the folder of golive.yaml; `**` crosses folders
    exclude: tuple[str, ...]
    build: tuple[str, ...]  # empty: the files are the revision as they are
    run: tuple[str, ...]  # `$PORT` inside an argument becomes the instance's port; PORT is set as well
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, SecretRef] = field(default_factory=dict)
    build_timeout: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """One question asked of every instance, before and while it may take traffic."""

    kind: Literal["http", "tcp", "command"]
    path: str = "/"  # http
    code: int = 200  # http
    command: tuple[str, ...] = ()  # command; gets PORT and HOST, exit 0 is healthy
    interval: timedelta = timedelta(milliseconds=500)
    timeout: timedelta = timedelta(seconds=1)
    healthy_after: int = 2  # passes in a row until ready
    unhealthy_after: int = 3  # failures in a row until no longer ready
    grace: timedelta = timedelta(seconds=30)  # from start; not ready by then is failed


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What an answer must look like; `None` and empty mean "not asked"."""

    code: int | None = 200
    headers: Mapping[str, str] = field(default_factory=dict)  # name (lower case) → text it must contain
    json: Mapping[str, object] = field(default_factory=dict)  # path such as `items[0].id` → value
    text: str | None = None  # must occur in the body
    latency_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class SmokeStep:
    """One HTTP request of a smoke test; `${name}` in path, headers and body takes captured values."""

    name: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    expect: Expectation = field(default_factory=Expectation)
    capture: Mapping[str, str] = field(default_factory=dict)  # variable → JSON path into the answer
    timeout: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class SmokeTest:
    """Ordered HTTP steps, or a command that gets GOLIVE_URL and GOLIVE_HEADER in its environment."""

    steps: tuple[SmokeStep, ...] = ()
    command: tuple[str, ...] = ()
    timeout: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class LatencyObjective:
    """At least `quantile_ppm` of the answers take at most `max_ms`."""

    quantile_ppm: int  # 990000 is p99
    max_ms: int


@dataclass(frozen=True, kw_only=True)
class Objectives:
    """What users may expect of the service, and how much must be seen before it is judged."""

    error_rate_ppm: int | None = 10_000  # share of answers with a 5xx code
    latency: tuple[LatencyObjective, ...] = ()
    min_requests: int = 50  # fewer on the candidate: nothing is decided
    tick: timedelta = timedelta(seconds=1)  # how often counters are read
    no_data: Literal["fail", "ask"] = "fail"  # after the longest wait without enough requests
    patience: timedelta = timedelta(minutes=5)  # how long beyond the soak data is waited for


@dataclass(frozen=True, kw_only=True)
class Judging:
    """How a new revision is compared with the old one, and what follows when that decides nothing."""

    alpha_ppm: int = 10_000  # chance of rolling back a good revision, all metrics together
    beta_ppm: int = 50_000  # chance of calling a metric proven that is worse than its margin
    floor: timedelta = timedelta(minutes=5)  # a proven revision stays at a weight at least so long, or its soak
    warm_up: timedelta = timedelta(minutes=5)  # latency of new instances is not held against them so long
    error_times: float = 2.0  # margin of errors: so many times the old revision's,
    error_plus_ppm: int = 2_000  # or so much above it, whichever allows more
    unproven: Literal["ask", "objectives", "fail"] = "ask"  # when the soak ends and nothing is proven
    uncalibrated: Literal["hold", "trust"] = "hold"  # of a service without placebo canaries
    assist: Literal["none", "load"] = "none"  # mix in golive's own requests, equally to both revisions
    assist_rate: int = 20  # requests per second to each revision
    assist_path: str = "/"


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How a new revision takes over. Which fields matter depends on `kind`; see `release.strategies`."""

    kind: Literal["all-at-once", "rolling", "blue-green", "canary"]
    weights: tuple[int, ...] = ()  # canary: rising whole percents below 100
    soak: timedelta = timedelta(0)  # time at each weight before it is judged
    promotion: Literal["auto", "ask"] = "auto"


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A command that runs once in a rollout, in the folder of golive.yaml."""

    name: str
    command: tuple[str, ...]
    timeout: timedelta = timedelta(minutes=5)
    repeatable: bool = False  # may be run again after an interruption


@dataclass(frozen=True, kw_only=True)
class TargetChoice:
    """Which driver runs the environment, and what that driver needs to know."""

    kind: Literal["local"]
    port: int | None = None  # the front door; None: a free one is chosen once and kept
    host: str = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class PrometheusChoice:
    """Where the counts of an environment's revisions are read; selectors hold `{revision}`."""

    url: str
    requests: str
    errors: str
    latency: str = ""
    unit: Literal["s", "ms"] = "s"
    step: timedelta = timedelta(seconds=15)
    instance: str = "instance"
    gauges: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LoadStep:
    """One request of a load; `${name}` in path, headers and body takes a captured value or a column of data."""

    name: str
    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    codes: tuple[int, ...] = ()  # empty: every code below 400
    capture: Mapping[str, str] = field(default_factory=dict)
    think: timedelta = timedelta(0)  # before it is sent, after the answer to the one before


@dataclass(frozen=True, kw_only=True)
class LoadFlow:
    """What one arriving user does, and how many of all users do it."""

    steps: tuple[LoadStep, ...]
    weight: int = 1
    data: str = ""  # a CSV file whose rows users take in turn
    cookies: bool = True


@dataclass(frozen=True, kw_only=True)
class LoadStage:
    """So long at a rate, reached from another where that is given. Requests per second."""

    rate: int
    duration: timedelta
    begin: int | None = None


@dataclass(frozen=True, kw_only=True)
class Knee:
    """The highest rate that keeps the objectives is looked for between two rates."""

    lowest: int = 10
    highest: int = 2_000
    step: timedelta = timedelta(seconds=10)  # how long each rate is tried
    within_ppm: int = 50_000  # of the rate that is found


@dataclass(frozen=True, kw_only=True)
class Abort:
    """When a load ends early, because going on would only do harm. Judged over the last few seconds."""

    error_rate_ppm: int | None = 500_000
    p99_ms: int | None = None
    window: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One way to load the service: stages, a recorded trace, or the search for the knee."""

    stages: tuple[LoadStage, ...] = ()
    trace: str = ""  # an access log; its requests arrive as they did then
    speed: int = 100  # of the trace, in percent
    knee: Knee | None = None
    engine: Literal["golive", "locust", "k6", "oha", "wrk"] = "golive"
    locustfile: str = ""
    users: int = 50  # of engines that have users instead of a rate
    workers: int = 0  # of Locust, on other machines
    abort: Abort = Abort()


SCENARIOS: Mapping[str, Scenario] = {
    "smoke": Scenario(stages=(LoadStage(rate=20, duration=timedelta(seconds=10)),)),
    "load": Scenario(stages=(LoadStage(rate=50, duration=timedelta(minutes=1)),)),
    "stress": Scenario(knee=Knee()),
    "spike": Scenario(
        stages=(
            LoadStage(rate=20, duration=timedelta(seconds=20)),
            LoadStage(rate=200, duration=timedelta(seconds=10)),
            LoadStage(rate=20, duration=timedelta(seconds=30)),
        )
    ),
    "soak": Scenario(stages=(LoadStage(rate=20, duration=timedelta(minutes=10)),)),
}


@dataclass(frozen=True, kw_only=True)
class Loads:
    """The scenarios, and what their requests are. Without requests: those of the smoke test and health checks."""

    flows: tuple[LoadFlow, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, SecretRef] = field(default_factory=dict)  # header → where its value is read
    timeout: timedelta = timedelta(seconds=10)
    connections: int = 0  # at a time; 0: as many as files may be open
    ca: str = ""  # a file with certificates to trust besides the machine's
    metrics: str = ""  # a path of each instance that shows Prometheus metrics: garbage collection is read there
    scenarios: Mapping[str, Scenario] = field(default_factory=lambda: dict(SCENARIOS))


@dataclass(frozen=True, kw_only=True)
class LoadLimit:
    """What load an environment may get without a signed waiver of `load-within-limits`."""

    rate: int = 200_000  # requests per second
    duration: timedelta = timedelta(hours=24)
    url: str = ""  # where it goes instead of the front door
    public: bool = False  # that may lie outside of this machine and its private networks


AFTER_OTHERS = LoadLimit(rate=20, duration=timedelta(minutes=1))  # of an environment that requires others


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A named place where the service runs."""

    name: str
    target: TargetChoice
    instances: int
    strategy: Strategy
    requires: tuple[str, ...] = ()  # environments where the same build must have succeeded first
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, SecretRef] = field(default_factory=dict)
    before: tuple[Hook, ...] = ()
    after: tuple[Hook, ...] = ()
    retain: int = 1  # earlier revisions that stay running, without traffic, for an instant way back
    drain: timedelta = timedelta(seconds=10)
    deadline: timedelta = timedelta(minutes=30)
    request_timeout: timedelta = timedelta(seconds=15)
    metrics: PrometheusChoice | None = None  # None: the counters of golive's own proxy
    load: LoadLimit = LoadLimit()


@dataclass(frozen=True, kw_only=True)
class Change:
    """What every change ticket says, and the command that carries it to an outside tracker (JSON on stdin)."""

    risk: Literal["low", "medium", "high"] = "medium"
    command: tuple[str, ...] = ()
    timeout: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Credential:
    """An account or credential that is needed; one of `env`, `file`, `command` is given."""

    name: str
    env: str = ""
    file: str = ""
    command: tuple[str, ...] = ()
    control: tuple[str, ...] = ()  # the command with a wrong credential


@dataclass(frozen=True, kw_only=True)
class Channel:
    """Proven by sending GOLIVE_MARKER and finding it again; or declared, which proves nothing."""

    send: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    timeout: timedelta = timedelta(seconds=30)
    declared: str = ""  # instead of both: who says so


@dataclass(frozen=True, kw_only=True)
class Migration:
    """Commands that work on a copy of the data in the folder GOLIVE_COPY."""

    copy: tuple[str, ...]
    forward: tuple[str, ...]
    backward: tuple[str, ...]
    state: tuple[str, ...]  # prints what the copy holds
    irreversible: bool = False
    timeout: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What `golive ready` tries besides what it knows by itself."""

    credentials: tuple[Credential, ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)  # metrics, logs, traces, incidents
    migration: Migration | None = None
    remote: str = "origin"  # what the pipeline pushes to, as git names it
    deploy_key: str = ""  # the private key that it pushes with; "" is whatever git uses here
    rollback_plan: str = ""  # the page that says how to go back; "" where golive's own plan is all
    least_free_mib: int = 512
    not_secrets: tuple[str, ...] = ()  # PATH:SHA-256 of a line that looks like a secret and is none


@dataclass(frozen=True, kw_only=True)
class OwnClaim:
    """A claim of the team's own: `exercise` must exit 0, and `control`, under the opposite fault, must not."""

    id: str
    statement: str
    exercise: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    declared: str = ""  # instead of both: who says so
    timeout: timedelta = timedelta(minutes=1)
    lifetime: timedelta = timedelta(days=30)
    inputs: tuple[Literal["artifact", "config", "policy"], ...] = ("config",)
    phase: Literal["readiness", "deployment", "monitoring", "incidents", "gate"] = "readiness"
    owner: str = ""  # "" is the service's owner
    controls: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()  # empty: all


@dataclass(frozen=True, kw_only=True)
class OwnRule:
    """A rule of the team's own over the verdicts of an environment, in CEL."""

    id: str
    statement: str
    require: str
    environments: tuple[str, ...] = ()  # empty: all


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The whole file. `digest` is the SHA-256 of its bytes, lower-case hex."""

    service: str
    owner: str
    revision: Build
    health: tuple[HealthCheck, ...]
    smoke: SmokeTest | None
    objectives: Objectives
    environments: Mapping[str, Environment]
    change: Change
    digest: str
    source: str  # the file's name as the operator gave it, for messages
    claims: tuple[OwnClaim, ...] = ()
    rules: tuple[OwnRule, ...] = ()
    readiness: Readiness = field(default_factory=Readiness)
    judging: Judging = field(default_factory=Judging)
    loads: Loads = field(default_factory=Loads)
    observe: Observe = field(default_factory=Observe)
