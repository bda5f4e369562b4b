"""The key `environments`: the places where the service runs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from golive.spec import commands, quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.quantities import duration_text, timedelta_of
from golive.spec.shape.base import Shape, Written, default, items, mapping
from golive.spec.shape.loads import LoadLimit
from golive.spec.shape.metrics import Metrics
from golive.spec.shape.strategy import Strategy, total_soak
from golive.spec.shape.variables import Secrets, Settings, secret_refs, variable_rules

Driver = Literal["local"]
ONE_INSTANCE = values.Strategy(kind="all-at-once")
SEVERAL_INSTANCES = values.Strategy(kind="rolling")
METRICS = {
    "kind": "prometheus",
    "url": "http://127.0.0.1:9090",
    "requests": 'http_requests_total{version="{revision}"}',
    "errors": 'http_requests_total{version="{revision}",code=~"5.."}',
}
DEADLINE = default(values.Environment, "deadline")


class Target(Shape):
    """Which driver runs the environment, and what it needs to know."""

    kind: Annotated[Driver, texts.choice(Driver)] = Field(
        description="`local`: processes on this machine, behind an Envoy proxy.", examples=["local"]
    )
    port: Annotated[int, quantities.whole(1, 65_535)] | None = Field(
        default=default(values.TargetChoice, "port"),
        description="The port that users reach, the front door. Without it a free one is chosen once and kept.",
        examples=[8080],
    )
    host: Annotated[str, texts.address()] = Field(
        default=default(values.TargetChoice, "host"),
        description="The address that the front door listens on: 127.0.0.1 for this machine only, 0.0.0.0 for "
        "every network.",
        examples=["127.0.0.1"],
    )

    def value(self) -> values.TargetChoice:
        return values.TargetChoice(kind=self.kind, port=self.port, host=self.host)


class Hook(Shape):
    """A command that runs once in a rollout, in the folder of golive.yaml."""

    name: Annotated[str, texts.name()] = Field(
        description="How the hook is called in plans and records.", examples=["migrate"]
    )
    run: Annotated[tuple[str, ...], commands.command()] = Field(
        description="The command; anything but exit 0 fails the rollout. It gets GOLIVE_ENVIRONMENT, "
        "GOLIVE_ROLLOUT and GOLIVE_REVISION, the name of the new revision, whose first twelve characters "
        "begin the name of its folder in `.golive/revisions`.",
        examples=[["python3", "manage.py", "migrate"]],
    )
    timeout: Annotated[timedelta, quantities.duration("1s", "24h")] = Field(
        default=default(values.Hook, "timeout"), description="How long it may take.", examples=["5m"]
    )
    repeatable: Annotated[bool, texts.yes_no()] = Field(
        default=default(values.Hook, "repeatable"),
        description="Whether it may be run again after an interruption that left its outcome unknown.",
        examples=[True],
    )

    def value(self) -> values.Hook:
        return values.Hook(name=self.name, command=self.run, timeout=self.timeout, repeatable=self.repeatable)


class Hooks(Shape):
    """Commands around a rollout."""

    before: list[Hook] = Field(
        default=[],
        max_length=20,
        description="Run in order before the first instance of the new revision starts.",
        examples=[[{"name": "migrate", "run": ["python3", "manage.py", "migrate"]}]],
    )
    after: list[Hook] = Field(
        default=[],
        max_length=20,
        description="Run in order when the new revision has all traffic.",
        examples=[[{"name": "announce", "run": ["./announce.sh"]}]],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        seen: set[str] = set()
        for when in ("before", "after"):
            for place, hook in enumerate(items(written.get(when))):
                name = mapping(hook).get("name")
                if isinstance(name, str) and name in seen:
                    what, at = f"a second hook is called {name}", (when, place, "name")
                    yield Fault(
                        what, why="records name a hook by its name alone", next="give it another name", at=at
                    )
                seen.add(str(name))


class Environment(Shape):
    """A named place where the service runs."""

    target: Target = Field(
        description="Which driver runs the environment, and what it needs to know.",
        examples=[{"kind": "local", "port": 8080}],
    )
    instances: Annotated[int, quantities.whole(1, 200)] = Field(
        default=1, description="How many copies of a revision run.", examples=[3]
    )
    strategy: Strategy | None = Field(
        default=None,
        description=f"How a new revision takes over. Without it: {ONE_INSTANCE.kind} for one instance, "
        f"{SEVERAL_INSTANCES.kind} for more.",
        examples=[{"kind": "canary", "weights": [5, 25, 50], "soak": "1m"}],
    )
    requires: list[Annotated[str, texts.text(40)]] = Field(
        default=[],
        max_length=20,
        description="Environments where the same build must have been taken live before.",
        examples=[["staging"]],
    )
    env: Settings = Field(
        default={},
        description="Variables for this environment, on top of `revision.env`.",
        examples=[{"LOG_LEVEL": "debug"}],
    )
    secrets: Secrets = Field(
        default={},
        description="Secrets for this environment, on top of `revision.secrets`.",
        examples=[{"API_KEY": {"env": "PRODUCTION_API_KEY"}}],
    )
    hooks: Hooks = Field(
        default_factory=Hooks,
        description="Commands that run once in a rollout, in the folder of golive.yaml.",
        examples=[{"before": [{"name": "migrate", "run": ["python3", "manage.py", "migrate"]}]}],
    )
    retain: Annotated[int, quantities.whole(0, 5)] = Field(
        default=default(values.Environment, "retain"),
        description="How many earlier revisions stay running, without traffic, for an instant way back.",
        examples=[1],
    )
    drain: Annotated[timedelta, quantities.duration("0s", "1h")] = Field(
        default=default(values.Environment, "drain"),
        description="How long an instance may take to finish its requests when it is stopped.",
        examples=["10s"],
    )
    deadline: Annotated[timedelta, quantities.duration("10s", "168h")] = Field(
        default=DEADLINE,
        description="A rollout that is not done by then is rolled back.",
        examples=["30m"],
    )
    request_timeout: Annotated[timedelta, quantities.duration("100ms", "1h")] = Field(
        default=default(values.Environment, "request_timeout"),
        description="A request that takes longer is answered with 504.",
        examples=["15s"],
    )
    metrics: Metrics | None = Field(
        default=None,
        description="Where requests, errors and latencies are counted. Without it: by golive's own proxy.",
        examples=[METRICS],
    )
    load: LoadLimit | None = Field(
        default=None,
        description="The most load that golive perf may put on it. Without it: an environment that requires "
        f"others gets at most {values.AFTER_OTHERS.rate} requests/s for "
        f"{duration_text(values.AFTER_OTHERS.duration)}, others what is asked for.",
        examples=[{"rate": 100, "duration": "5m"}],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        yield from variable_rules(written)
        yield from _too_late(written)

    def _strategy(self) -> values.Strategy:
        if self.strategy:
            return self.strategy.value()
        return ONE_INSTANCE if self.instances == 1 else SEVERAL_INSTANCES

    def _load(self) -> values.LoadLimit:
        limit = values.AFTER_OTHERS if self.requires else values.LoadLimit()
        return self.load.value(limit) if self.load else limit

    def value(self, called: str) -> values.Environment:
        return values.Environment(
            name=called,
            target=self.target.value(),
            instances=self.instances,
            strategy=self._strategy(),
            requires=tuple(self.requires),
            env=self.env,
            secrets=secret_refs(self.secrets),
            before=tuple(hook.value() for hook in self.hooks.before),
            after=tuple(hook.value() for hook in self.hooks.after),
            retain=self.retain,
            drain=self.drain,
            deadline=self.deadline,
            request_timeout=self.request_timeout,
            metrics=self.metrics.value() if self.metrics else None,
            load=self._load(),
        )


def _too_late(written: Written) -> Iterator[Fault]:
    strategy = mapping(written.get("strategy"))
    soaks = total_soak(strategy)
    try:
        deadline = timedelta_of(written["deadline"]) if "deadline" in written else DEADLINE
    except Fault:
        return
    if soaks and soaks >= deadline:
        yield Fault(
            f"the soaks alone take {duration_text(soaks)}, the deadline is {duration_text(deadline)}",
            why="no rollout could be done by then",
            next="shorten the soak, or give a later deadline",
            at=("deadline",) if "deadline" in written else ("strategy",),
        )
