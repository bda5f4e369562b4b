"""The key `judge`: how a new revision is compared with the old one while both serve."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from golive.spec import quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.shape.base import Shape, Written, default

Unproven = Literal["ask", "objectives", "fail"]
Uncalibrated = Literal["hold", "trust"]
Assist = Literal["none", "load"]


LEAST_PPM, MOST_PPM = 100, 200_000


class ErrorMargin(Shape):
    """How many more errors are still "not worse": the larger of the two counts."""

    times: Annotated[int, quantities.whole(2, 100)] = Field(
        default=2, description="So many times the old revision's.", examples=[2]
    )
    plus: Annotated[int, quantities.share()] = Field(
        default=default(values.Judging, "error_plus_ppm"),
        description="So much above the old revision's.",
        examples=["0.2 %"],
    )


class Judge(Shape):
    """How a new revision is compared with the old one, and what follows when that decides nothing."""

    alpha: Annotated[int, quantities.share()] = Field(
        default=default(values.Judging, "alpha_ppm"),
        description="The chance of rolling back a good revision, all metrics together, however often one looks; "
        "gross breakage and objectives add 0.1 % each.",
        examples=["1 %"],
    )
    beta: Annotated[int, quantities.share()] = Field(
        default=default(values.Judging, "beta_ppm"),
        description="The chance of calling a metric proven that is worse than its margin.",
        examples=["5 %"],
    )
    floor: Annotated[timedelta, quantities.duration("0s", "24h")] = Field(
        default=default(values.Judging, "floor"),
        description="A proven revision goes on after this long at a weight, without the rest of the soak.",
        examples=["5m"],
    )
    warm_up: Annotated[timedelta, quantities.duration("0s", "24h")] = Field(
        default=default(values.Judging, "warm_up"),
        description="So long the latency of new instances is not held against them; errors count at once.",
        examples=["5m"],
    )
    error_margin: ErrorMargin = Field(
        default_factory=ErrorMargin,
        description='How many more errors are still "not worse".',
        examples=[{"times": 2, "plus": "0.2 %"}],
    )
    unproven: Annotated[Unproven, texts.choice(Unproven)] = Field(
        default=default(values.Judging, "unproven"),
        description="When a soak ends, the objectives are kept, and it is not proven that the new revision is not "
        "worse: `ask` waits for a person, `objectives` goes on and says so, `fail` rolls back.",
        examples=["objectives"],
    )
    uncalibrated: Annotated[Uncalibrated, texts.choice(Uncalibrated)] = Field(
        default=default(values.Judging, "uncalibrated"),
        description="Of an environment without placebo canaries (`golive judge calibrate`): `hold` decides only "
        "what is gross, `trust` takes requests for independent.",
        examples=["hold"],
    )
    assist: Annotated[Assist, texts.choice(Assist)] = Field(
        default=default(values.Judging, "assist"),
        description="`load` mixes in golive's own requests, the same to both revisions and counted apart.",
        examples=["load"],
    )
    assist_rate: Annotated[int, quantities.whole(1, 1_000)] = Field(
        default=default(values.Judging, "assist_rate"),
        description="With `assist: load`: requests per second to each revision.",
        examples=[20],
    )
    assist_path: Annotated[str, texts.url_path()] = Field(
        default=default(values.Judging, "assist_path"),
        description="With `assist: load`: what is asked for. It should be safe to repeat.",
        examples=["/"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        for key in ("alpha", "beta"):
            yield from _chance(written.get(key), (key,))
        margin = written.get("error_margin")
        if isinstance(margin, dict):
            yield from _chance(margin.get("plus"), ("error_margin", "plus"))

    def value(self) -> values.Judging:
        return values.Judging(
            alpha_ppm=self.alpha,
            beta_ppm=self.beta,
            floor=self.floor,
            warm_up=self.warm_up,
            error_times=float(self.error_margin.times),
            error_plus_ppm=self.error_margin.plus,
            unproven=self.unproven,
            uncalibrated=self.uncalibrated,
            assist=self.assist,
            assist_rate=self.assist_rate,
            assist_path=self.assist_path,
        )


def _chance(written: object, at: tuple[str, ...]) -> Iterator[Fault]:
    """Certainty is not to be had, and half is a coin."""
    if written is None:
        return
    try:
        ppm = quantities.share().read(written)
    except Fault:
        return  # said elsewhere
    if not LEAST_PPM <= ppm <= MOST_PPM:
        yield Fault(
            f"{written} is not between 0.01 % and 20 %",
            why="evidence never becomes certainty, and a larger doubt decides nothing",
            next=f"write for instance {at[-1]}: 1 %",
            at=at,
        )
