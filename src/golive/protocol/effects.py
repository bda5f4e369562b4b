"""What a directive does to the world: as the script's author declares it, else by its words, else unknown."""

from dataclasses import dataclass
from typing import Literal

from golive.protocol.contracts.contract import Contract, is_dry_run
from golive.protocol.contracts.declared import effect_of
from golive.protocol.invocation import Invocation
from golive.protocol.world import World

PRODUCTION = frozenset({"production", "prod", "live", "prd"})
STAGING = frozenset({"staging", "stage", "stg", "preprod", "pre-production"})
GOING_LIVE = ("deploy", "release", "promote", "rollout", "roll_out", "publish", "migrate")


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One of `contract.EFFECTS`, or "" for unknown, and how it is known."""

    name: str
    how: Literal["declared", "by its words", "unknown"]


def effect(one: Invocation, world: World) -> Effect:
    """Only a declaration is to be relied on; words serve for findings, never to let anything pass."""
    script = world.scripts.get(one.script)
    declared = effect_of(script.contract if script else Contract(), one.words)
    if declared:
        return Effect(name=declared, how="declared")
    place = environment(one)
    if place and goes_live(one) and not any(map(is_dry_run, one.words)):
        return Effect(name=f"changes-{place}", how="by its words")
    return Effect(name="", how="unknown")


def environment(one: Invocation) -> str:
    """`staging` or `production` when a word says so, else ""."""
    values = {word.rpartition("=")[2].lower() for word in one.words}
    if values & PRODUCTION:
        return "production"
    return "staging" if values & STAGING else ""


def goes_live(one: Invocation) -> bool:
    """Whether the script's name says that it brings something to an environment."""
    name = one.script.rpartition("/")[2].lower()
    return any(word in name for word in GOING_LIVE)
