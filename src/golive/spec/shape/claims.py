"""A team's own claims, or its own exercise for one that golive knows."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from golive.spec import commands, quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.shape.base import Shape, Written, both, default

Depends = Literal["artifact", "config", "policy"]
Phase = Literal["readiness", "deployment", "monitoring", "incidents", "gate"]


class Claim(Shape):
    """One sentence that must be true before going live, and how that is shown."""

    id: Annotated[str, texts.name()] = Field(
        description="The name of the claim. That of a claim which golive knows but cannot try by itself "
        "(golive claims list) proves that one.",
        examples=["alerts-proven"],
    )
    statement: Annotated[str, texts.text(200)] = Field(
        description="What must be true, in one sentence.",
        examples=["every alert was seen to fire"],
    )
    exercise: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None,
        description="The command that proves it: exit 0 is proven, anything else is refuted. It gets "
        "GOLIVE_ENVIRONMENT, and in GOLIVE_MARKER a text that nobody has used before.",
        examples=[["./plant-fault.sh"]],
    )
    control: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None,
        description="The same under the opposite fault: it must not exit 0, or the claim stays unproven.",
        examples=[["./plant-fault.sh", "--with-a-rule-that-never-matches"]],
    )
    declared: Annotated[str, texts.text(200)] | None = Field(
        default=None,
        description="Instead of an exercise: who says so and where it is written. The gate lists it as declared "
        "only; it is never proven by that.",
        examples=["the provider's contract, section 4"],
    )
    timeout: Annotated[timedelta, quantities.duration("1s", "1h")] = Field(
        default=default(values.OwnClaim, "timeout"), description="How long each of them may take.", examples=["1m"]
    )
    lifetime: Annotated[timedelta, quantities.duration("1m", "8760h")] = Field(
        default=default(values.OwnClaim, "lifetime"),
        description="How long the proof holds; after that the claim is stale.",
        examples=["168h"],
    )
    inputs: list[Annotated[Depends, texts.choice(Depends)]] = Field(
        default=["config"],
        max_length=3,
        description="What the proof depends on: when one of these changes, the claim is stale at once.",
        examples=[["config", "artifact"]],
    )
    phase: Annotated[Phase, texts.choice(Phase)] = Field(
        default=default(values.OwnClaim, "phase"),
        description="The step of going live that asks for it; a claim that golive knows keeps its own.",
        examples=["monitoring"],
    )
    owner: Annotated[str, texts.text(80)] | None = Field(
        default=None, description="Who answers for it; default: the owner of the service.", examples=["team-shop"]
    )
    controls: list[Annotated[str, texts.text(40)]] = Field(
        default_factory=list,
        max_length=20,
        description="Controls of a framework that it serves.",
        examples=[["SOC2:CC7.2"]],
    )
    environments: list[Annotated[str, texts.name()]] = Field(
        default_factory=list,
        max_length=20,
        description="Where it is asked for; default: everywhere.",
        examples=[["production"]],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        """An exercise with its control, or a declaration."""
        if "declared" in written:
            yield from (both(key, "declared") for key in ("exercise", "control") if key in written)
            return
        for key, other in (("exercise", "control"), ("control", "exercise")):
            if key not in written:
                yield Fault(
                    f"`{key}` is missing",
                    why="a claim is proven by an exercise that is seen to fail under its control",
                    next=f"give `{key}`, or `declared` when nothing can be tried",
                    at=(other,) if other in written else (),
                )

    def value(self) -> values.OwnClaim:
        return values.OwnClaim(
            id=self.id,
            statement=self.statement,
            exercise=self.exercise or (),
            control=self.control or (),
            declared=self.declared or "",
            timeout=self.timeout,
            lifetime=self.lifetime,
            inputs=tuple(self.inputs),
            phase=self.phase,
            owner=self.owner or "",
            controls=tuple(self.controls),
            environments=tuple(self.environments),
        )


class Rule(Shape):
    """A rule over the verdicts, for what single claims do not say."""

    id: Annotated[str, texts.name()] = Field(
        description="The name of the rule.", examples=["no-waivers-on-fridays"]
    )
    statement: Annotated[str, texts.text(200)] = Field(
        description="What it demands, in one sentence.", examples=["nothing that protects secrets is waived"]
    )
    require: Annotated[str, texts.text(1000)] = Field(
        description="An expression in CEL that must be true (extra `policy`). It sees `environment` and `claims`, "
        "by id, each with `verdict`, `phase`, `record` and `controls`. It must not be true when all are refuted.",
        examples=["claims['secrets-resolvable'].verdict == 'proven'"],
    )
    environments: list[Annotated[str, texts.name()]] = Field(
        default_factory=list,
        max_length=20,
        description="Where it is asked for; default: everywhere.",
        examples=[["production"]],
    )

    def value(self) -> values.OwnRule:
        return values.OwnRule(
            id=self.id, statement=self.statement, require=self.require, environments=tuple(self.environments)
        )
