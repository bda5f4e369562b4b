"""The key `environments.NAME.metrics`: where counts come from, when not from golive's own proxy."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from golive.spec import quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.shape.base import Shape, Written, default

Kind = Literal["prometheus"]
Unit = Literal["s", "ms"]
SELECTORS = ("requests", "errors", "latency")


class Metrics(Shape):
    """A Prometheus that scrapes the service; its counters are read raw."""

    kind: Annotated[Kind, texts.choice(Kind)] = Field(description="`prometheus`.", examples=["prometheus"])
    url: Annotated[str, texts.text(500)] = Field(
        description="Where its API is.", examples=["http://127.0.0.1:9090"]
    )
    requests: Annotated[str, texts.text(1_000)] = Field(
        description="A selector of the counter of requests; `{revision}` becomes the revision's name.",
        examples=['http_requests_total{version="{revision}"}'],
    )
    errors: Annotated[str, texts.text(1_000)] = Field(
        description="A selector of the counter of failed requests.",
        examples=['http_requests_total{version="{revision}",code=~"5.."}'],
    )
    latency: Annotated[str, texts.text(1_000)] | None = Field(
        default=None,
        description="A selector of the histogram: the `_bucket` series, or a native histogram. Without it latency "
        "is not judged.",
        examples=['http_request_duration_seconds_bucket{version="{revision}"}'],
    )
    unit: Annotated[Unit, texts.choice(Unit)] = Field(
        default=default(values.PrometheusChoice, "unit"),
        description="The unit of the histogram's bounds.",
        examples=["s"],
    )
    step: Annotated[timedelta, quantities.duration("1s", "5m")] = Field(
        default=default(values.PrometheusChoice, "step"),
        description="The length of a tick; not shorter than the scrape interval.",
        examples=["15s"],
    )
    instance: Annotated[str, texts.text(100)] = Field(
        default=default(values.PrometheusChoice, "instance"),
        description="The label that tells instances apart, for `golive judge calibrate`.",
        examples=["pod"],
    )
    gauges: dict[Annotated[str, texts.name()], Annotated[str, texts.text(1_000)]] = Field(
        default={},
        max_length=8,
        description="Resources that must not be used much more than by the old revision: selectors of gauges.",
        examples=[{"memory": 'process_resident_memory_bytes{version="{revision}"}'}],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        url = written.get("url")
        if isinstance(url, str) and not url.startswith(("http://", "https://")):
            yield Fault(
                f"{url} is no address of an API",
                why="it begins with http:// or https://",
                next="write for instance url: http://127.0.0.1:9090",
                at=("url",),
            )
        if isinstance(url, str) and "@" in url:
            yield Fault(
                "an address with a password in it",
                why="golive.yaml is kept as evidence, and errors name the address",
                next="let Prometheus listen where no password is needed, or put a proxy of yours before it",
                at=("url",),
            )
        for key in SELECTORS:
            selector = written.get(key)
            if isinstance(selector, str) and "{revision}" not in selector:
                yield Fault(
                    f"`{key}` does not say {{revision}}",
                    why="old and new revision could not be told apart",
                    next='select by a label that holds the revision, such as version="{revision}"',
                    at=(key,),
                )

    def value(self) -> values.PrometheusChoice:
        return values.PrometheusChoice(
            url=self.url,
            requests=self.requests,
            errors=self.errors,
            latency=self.latency or "",
            unit=self.unit,
            step=self.step,
            instance=self.instance,
            gauges=self.gauges,
        )
