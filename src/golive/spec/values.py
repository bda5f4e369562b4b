"""What the operator asked for, as frozen values: the parsed `golive.yaml`.

Everything here was checked by `spec.parse`; the rooms above trust it. Durations are `timedelta`,
weights whole percent, latencies milliseconds, shares parts per million (so that records need no floats).
Commands are argument lists: golive never runs a shell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class SecretRef:
    """Where a secret is read from when an instance starts; the value is never kept in a spec or record."""

    source: Literal["env", "file"]
    name: str  # the variable's name, or the file's path relative to golive.yaml


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
