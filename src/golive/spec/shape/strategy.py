"""The key `environments.NAME.strategy`: how a new revision takes over."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from golive.spec import quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.quantities import timedelta_of
from golive.spec.shape.base import Shape, Written, default, items

Way = Literal["all-at-once", "rolling", "blue-green", "canary"]
Promotion = Literal["auto", "ask"]

CANARY_WEIGHTS = (5, 25, 50)
NO_SOAK = default(values.Strategy, "soak")
DEFAULT_SOAK = {
    "all-at-once": NO_SOAK,
    "rolling": NO_SOAK,
    "blue-green": NO_SOAK,
    "canary": timedelta(minutes=1),
}

TAKES = {  # the keys that mean something, by kind; another key there would be silently without effect
    "all-at-once": (),
    "rolling": ("soak", "promotion"),
    "blue-green": ("soak", "promotion"),
    "canary": ("weights", "soak", "promotion"),
}


EVERY_KEY = TAKES["canary"]


def _only_its_own(schema: dict[str, Any]) -> None:
    """Tell editors which keys belong to which kind."""
    schema["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {"properties": {key: False for key in EVERY_KEY if key not in takes}},
        }
        for kind, takes in TAKES.items()
        if takes != EVERY_KEY
    ]


class Strategy(Shape):
    """How a new revision takes over."""

    model_config = ConfigDict(json_schema_extra=_only_its_own)

    kind: Annotated[Way, texts.choice(Way)] = Field(
        description="`all-at-once`: in one step. `rolling`: instance by instance. `blue-green`: in one step, "
        "while the old revision stands by at full size. `canary`: by rising shares of the traffic, each judged.",
        examples=["canary"],
    )
    weights: list[Annotated[int, quantities.whole(1, 99)]] | None = Field(
        default=None,
        max_length=20,
        description="For `canary`: the percents of the traffic that the new revision gets, one after the other, "
        f"rising. 100 follows by itself. Without it: {list(CANARY_WEIGHTS)}.",
        examples=[[5, 25, 50]],
    )
    soak: Annotated[timedelta, quantities.duration("0s", "168h")] | None = Field(
        default=None,
        description="How long the new revision takes traffic at each weight before it is judged; with 0s (for "
        "`rolling` and `blue-green`, and the default there) it is not judged. `canary` without it: 1m.",
        examples=["10s"],
    )
    promotion: Annotated[Promotion, texts.choice(Promotion)] = Field(
        default=default(values.Strategy, "promotion"),
        description="Who takes the next weight after a passed verdict: golive (`auto`), or a person with "
        "`golive promote` (`ask`).",
        examples=["ask"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        kind = written.get("kind")
        if isinstance(kind, str) and kind in TAKES:
            yield from _foreign(written, kind)
            yield from _unjudged(written, kind)
        yield from _not_rising(items(written.get("weights")), "weights" in written)

    def value(self) -> values.Strategy:
        canary = self.kind == "canary"
        weights = CANARY_WEIGHTS if self.weights is None else tuple(self.weights)
        return values.Strategy(
            kind=self.kind,
            weights=weights if canary else (),
            soak=DEFAULT_SOAK[self.kind] if self.soak is None else self.soak,
            promotion=self.promotion,
        )


def total_soak(written: Written) -> timedelta | None:
    """How long the stages of a strategy as written soak together; None when that cannot be read."""
    soak = _soak(written)
    if soak is None or written.get("kind") != "canary":
        return soak
    return soak * len(items(written.get("weights", list(CANARY_WEIGHTS))))


def _soak(written: Written) -> timedelta | None:
    try:
        return timedelta_of(written["soak"]) if "soak" in written else DEFAULT_SOAK.get(str(written.get("kind")))
    except Fault:
        return None


def _foreign(written: Written, kind: str) -> Iterator[Fault]:
    for key in EVERY_KEY:
        if key in written and key not in TAKES[kind]:
            owners = " and ".join(other for other, takes in TAKES.items() if key in takes)
            yield Fault(
                f"`{key}` means nothing for {kind}",
                why=f"it belongs to {owners}",
                next="remove it, or choose another kind",
                at=(key,),
                in_key=True,
            )


def _unjudged(written: Written, kind: str) -> Iterator[Fault]:
    if _soak(written) != timedelta(0):
        return
    if kind == "canary":
        why = "a weight that is not held long enough to see requests cannot be judged"
        yield Fault("a canary without soak", why=why, next="write for instance soak: 1m", at=("soak",))
    elif "promotion" in TAKES[kind] and written.get("promotion") == "ask":
        why = "a person is asked after a verdict, and without soak there is none"
        yield Fault("nobody would be asked", why=why, next="add for instance soak: 1m", at=("promotion",))


def _not_rising(weights: list[Any], given: bool) -> Iterator[Fault]:
    if given and weights == []:
        next_step = "write for instance [5, 25, 50], or remove the key"
        yield Fault("a canary without weights", why="it would be all-at-once", next=next_step, at=("weights",))
    for place, (low, high) in enumerate(pairwise(weights), start=1):
        if isinstance(low, int) and isinstance(high, int) and high <= low:
            yield Fault(
                f"{high} does not rise above {low}",
                why="a canary only ever takes more; its way back is a rollback",
                next="write for instance [5, 25, 50]",
                at=("weights", place),
            )
