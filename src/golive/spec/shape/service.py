"""The whole file."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from golive.spec import commands, quantities, texts, values
from golive.spec.shape.base import Shape, default
from golive.spec.shape.claims import Claim, Rule
from golive.spec.shape.environment import Environment
from golive.spec.shape.health import Health, Tcp
from golive.spec.shape.judging import Judge
from golive.spec.shape.loads import Loads
from golive.spec.shape.objectives import Objectives
from golive.spec.shape.observe import Observed
from golive.spec.shape.readiness import Readiness
from golive.spec.shape.revision import Revision
from golive.spec.shape.smoke import Smoke

Risk = Literal["low", "medium", "high"]


class Change(Shape):
    """The change ticket of every rollout."""

    risk: Annotated[Risk, texts.choice(Risk)] = Field(
        default=default(values.Change, "risk"), description="The risk that tickets state.", examples=["medium"]
    )
    command: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None,
        description="A command that carries the ticket to a tracker; it gets the ticket as JSON on stdin.",
        examples=[["./ticket.sh"]],
    )
    timeout: Annotated[timedelta, quantities.duration("1s", "1h")] = Field(
        default=default(values.Change, "timeout"), description="How long the command may take.", examples=["30s"]
    )

    def value(self) -> values.Change:
        return values.Change(risk=self.risk, command=self.command or (), timeout=self.timeout)


class Service(Shape):
    """The file golive.yaml."""

    service: Annotated[str, texts.name()] = Field(
        description="The name of the service, in plans, records and metrics.", examples=["storefront"]
    )
    owner: Annotated[str, texts.text(80)] = Field(
        description="Who answers for the service: a team or a person.", examples=["team-shop"]
    )
    revision: Revision = Field(
        description="How the folder becomes an immutable revision, and how an instance of it is started.",
        examples=[{"run": ["python3", "app.py"]}],
    )
    health: list[Health] = Field(
        default_factory=lambda: [Health(tcp=Tcp())],
        min_length=1,
        max_length=10,
        description="What an instance is asked before and while it takes traffic; all checks must pass. Without "
        "it: a TCP connection to its port.",
        examples=[[{"http": {"path": "/health"}}]],
    )
    smoke: Smoke | None = Field(
        default=None,
        description="What is tried on a new revision before users reach it, and again after.",
        examples=[{"steps": [{"name": "lists products", "request": {"path": "/products"}}]}],
    )
    objectives: Objectives = Field(
        default_factory=Objectives,
        description="What a new revision is judged by while it takes part of the traffic.",
        examples=[{"error_rate": "1 %", "latency": [{"quantile": "p99", "max": "300ms"}]}],
    )
    judge: Judge = Field(
        default_factory=Judge,
        description="How a new revision is compared with the old one while both serve.",
        examples=[{"unproven": "objectives"}],
    )
    load: Loads = Field(
        default_factory=Loads,
        description="What golive perf puts on the service: requests, and scenarios of how many arrive when.",
        examples=[{"scenarios": {"load": {"rate": 200, "duration": "5m"}}}],
    )
    observe: Observed = Field(
        default_factory=Observed,
        description="What is promised and watched in operation: SLOs, alerts, who is paged.",
        examples=[{"slos": [{"name": "availability", "kind": "availability", "target": "99.9 %"}]}],
    )
    change: Change = Field(
        default_factory=Change, description="The change ticket of every rollout.", examples=[{"risk": "low"}]
    )
    environments: dict[Annotated[str, texts.name()], Environment] = Field(
        min_length=1,
        max_length=20,
        description="The places where the service runs, by name.",
        examples=[{"staging": {"target": {"kind": "local"}}}],
    )

    readiness: Readiness = Field(
        default_factory=Readiness,
        description="What must be in place before going live, for golive ready to try.",
        examples=[{"credentials": [{"name": "cloud-account", "env": "CLOUD_TOKEN"}]}],
    )
    claims: list[Claim] = Field(
        default_factory=list,
        max_length=100,
        description="The team's own claims, and its own exercises for claims that golive knows.",
        examples=[
            [
                {
                    "id": "alerts-proven",
                    "statement": "every alert was seen to fire",
                    "exercise": ["./plant-fault.sh"],
                    "control": ["./plant-fault.sh", "--with-a-rule-that-never-matches"],
                }
            ]
        ],
    )

    own_rules: list[Rule] = Field(
        default_factory=list,
        alias="rules",
        max_length=50,
        description="The team's own rules over the verdicts, asked for by the gate.",
        examples=[
            [
                {
                    "id": "secrets-first",
                    "statement": "nothing that protects secrets is waived",
                    "require": "claims['secrets-resolvable'].verdict == 'proven'",
                }
            ]
        ],
    )

    def value(self, *, source: str, digest: str) -> values.Spec:
        """The whole file as frozen values. `source` is its name for messages, `digest` of its bytes."""
        environments = {called: place.value(called) for called, place in self.environments.items()}
        refs = [self.revision.secrets, *(place.secrets for place in self.environments.values())]
        files = {secret.file.removeprefix("./") for secrets in refs for secret in secrets.values() if secret.file}
        inside = sorted(file for file in files if not file.startswith(("/", "../")))
        never = (source.rsplit("/", 1)[-1], *inside)
        return values.Spec(
            service=self.service,
            owner=self.owner,
            revision=self.revision.value(never),
            health=tuple(check.value() for check in self.health),
            smoke=self.smoke.value() if self.smoke else None,
            objectives=self.objectives.value(),
            environments=environments,
            change=self.change.value(),
            digest=digest,
            source=source,
            readiness=self.readiness.value(),
            judging=self.judge.value(),
            loads=self.load.value(),
            observe=self.observe.value(),
            claims=tuple(claim.value() for claim in self.claims),
            rules=tuple(rule.value() for rule in self.own_rules),
        )
