"""The key `objectives`: what users may expect, and when enough was seen to judge."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from golive.spec import quantities, texts, values
from golive.spec.kind import or_null
from golive.spec.shape.base import Shape, default

NoData = Literal["fail", "ask"]


class Latency(Shape):
    """A bound on the latency of most answers."""

    quantile: Annotated[int, quantities.quantile()] = Field(
        description="Which part of the answers the bound holds for.", examples=["p99"]
    )
    max: Annotated[timedelta, quantities.duration("1ms", "10m")] = Field(
        description="How long those answers may take at most.", examples=["300ms"]
    )

    def value(self) -> values.LatencyObjective:
        return values.LatencyObjective(quantile_ppm=self.quantile, max_ms=self.max // timedelta(milliseconds=1))


class Objectives(Shape):
    """What a new revision is judged by while it takes part of the traffic."""

    error_rate: Annotated[int | None, or_null(quantities.share())] = Field(
        default=default(values.Objectives, "error_rate_ppm"),
        description="The share of answers that may be server errors (5xx, or none at all); null: not judged.",
        examples=["1 %"],
    )
    latency: list[Latency] = Field(
        default=[],
        max_length=10,
        description="Bounds on how long answers take.",
        examples=[[{"quantile": "p99", "max": "300ms"}]],
    )
    min_requests: Annotated[int, quantities.whole(1, 1_000_000)] = Field(
        default=default(values.Objectives, "min_requests"),
        description="On fewer requests to the new revision the objectives decide nothing, and it goes no further. "
        "Evidence that it is worse than the old one needs no least number.",
        examples=[50],
    )
    tick: Annotated[timedelta, quantities.duration("100ms", "1m")] = Field(
        default=default(values.Objectives, "tick"),
        description="How often the counters are read.",
        examples=["1s"],
    )
    no_data: Annotated[NoData, texts.choice(NoData)] = Field(
        default=default(values.Objectives, "no_data"),
        description="What follows when there are too few requests to the end: `fail` rolls back, `ask` waits for "
        "a person. Never a pass.",
        examples=["fail"],
    )
    patience: Annotated[timedelta, quantities.duration("0s", "24h")] = Field(
        default=default(values.Objectives, "patience"),
        description="How long beyond the soak enough requests are waited for.",
        examples=["5m"],
    )

    def value(self) -> values.Objectives:
        return values.Objectives(
            error_rate_ppm=self.error_rate,
            latency=tuple(bound.value() for bound in self.latency),
            min_requests=self.min_requests,
            tick=self.tick,
            no_data=self.no_data,
            patience=self.patience,
        )
