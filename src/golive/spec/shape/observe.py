"""The key `observe`: what is promised over weeks, what is alerted on, and who hears of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from golive.spec import commands, observed, quantities, texts
from golive.spec.fault import Fault, nearest
from golive.spec.kind import or_null
from golive.spec.shape.base import Shape, Written, default, items, mapping
from golive.spec.shape.variables import Secret

Kind = Literal["availability", "latency", "freshness", "ratio", "composed"]
Unit = Literal["s", "ms"]
Name = Annotated[str, texts.name()]
Selector = Annotated[str, texts.text(1_000)]
Url = Annotated[str, texts.text(500)]
NEEDED = {
    "availability": (),
    "latency": ("max",),
    "freshness": ("max", "updated"),
    "ratio": ("good", "total"),
    "composed": ("parts",),
}
TAKEN = {
    "availability": {"requests", "errors"},
    "latency": {"max", "latency"},
    "freshness": {"max", "updated"},
    "ratio": {"good", "total"},
    "composed": {"parts"},
}
OF_KINDS = {key for keys in TAKEN.values() for key in keys}


def address_faults(written: Written, *keys: str) -> Iterator[Fault]:
    """What is wrong with the addresses under these keys."""
    for key in keys:
        url = written.get(key)
        if isinstance(url, str) and not url.startswith(("http://", "https://")):
            yield Fault(
                f"{url} is no address",
                why="it begins with http:// or https://",
                next=f"write for instance {key}: http://127.0.0.1:9093",
                at=(key,),
            )
        elif isinstance(url, str) and "@" in url.split("/")[2]:
            yield Fault(
                "an address with a password in it",
                why="golive.yaml is kept as evidence, and errors name the address",
                next="use `token`, or a proxy of yours before it",
                at=(key,),
            )


class Slo(Shape):
    """One promise over a long time."""

    name: Name = Field(description="What alerts and dashboards call it.", examples=["availability"])
    kind: Annotated[Kind, texts.choice(Kind)] = Field(
        description="`availability` (answers that are no errors), `latency` (answers that are fast enough), "
        "`freshness` (times when what is served was new enough), `ratio` (any two counters) or `composed` "
        "(bad where one of its parts is bad).",
        examples=["availability"],
    )
    target: Annotated[int, quantities.share()] = Field(
        description="The share that is good; the rest is the error budget.", examples=["99.9 %"]
    )
    window: Annotated[timedelta, quantities.duration("24h", "2160h")] = Field(
        default=default(observed.Slo, "window"),
        description="The time within which the budget may be spent, rolling.",
        examples=["720h"],
    )
    max: Annotated[timedelta, quantities.duration("1ms", "720h")] | None = Field(
        default=None,
        description="latency: how long an answer may take; a bound of the histogram. freshness: how old what is "
        "served may be.",
        examples=["300ms"],
    )
    requests: Selector | None = Field(
        default=None,
        description="availability: a selector of the counter of requests, for one endpoint for instance. Without "
        "it: `observe.metrics.requests`.",
        examples=['http_requests_total{path="/cart"}'],
    )
    errors: Selector | None = Field(
        default=None,
        description="availability: the same of those that failed.",
        examples=['http_requests_total{path="/cart",code=~"5.."}'],
    )
    latency: Selector | None = Field(
        default=None,
        description="latency: a histogram without `_bucket`. Without it: `observe.metrics.latency`.",
        examples=['http_request_duration_seconds{path="/cart"}'],
    )
    good: Selector | None = Field(
        default=None,
        description="ratio: a selector of the counter of good events.",
        examples=["orders_paid_total"],
    )
    total: Selector | None = Field(
        default=None, description="ratio: a selector of the counter of all.", examples=["orders_total"]
    )
    updated: Selector | None = Field(
        default=None,
        description="freshness: a gauge that holds the unix time of the last update, in seconds.",
        examples=["catalogue_updated_timestamp_seconds"],
    )
    parts: list[Name] | None = Field(
        default=None,
        min_length=2,
        max_length=10,
        description="composed: the names of other SLOs that are not composed themselves.",
        examples=[["availability", "latency"]],
    )
    runbook: Url | None = Field(
        default=None,
        description="The page to read when it is in danger. Without it: `observe.runbook`.",
        examples=["runbook.md#checkout"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        kind = written.get("kind")
        if not isinstance(kind, str) or kind not in NEEDED:
            return
        for key in NEEDED[kind]:
            if key not in written:
                yield Fault(f"`{key}` is missing", why=f"an SLO of kind {kind} needs it", next=f"add {key}:")
        for key in sorted(OF_KINDS & written.keys() - TAKEN[kind]):
            yield Fault(
                f"`{key}` means nothing here",
                why=f"an SLO of kind {kind} takes {', '.join(sorted(TAKEN[kind]))}",
                next="remove it, or choose another kind",
                at=(key,),
                in_key=True,
            )
        if written.get("target") in {"100%", "100 %", "0%", "0 %"}:
            yield Fault(
                f"{written['target']} leaves nothing to judge",
                why="the rest is the error budget, and a burn rate is measured against it",
                next="write for instance target: 99.9 %",
                at=("target",),
            )
        if ("requests" in written) != ("errors" in written):
            yield Fault(
                "`requests` and `errors` belong together",
                why="one is counted within the other",
                next="give both, or none of them",
            )

    def value(self) -> observed.Slo:
        return observed.Slo(
            name=self.name,
            kind=self.kind,
            target_ppm=self.target,
            window=self.window,
            max_ms=self.max // timedelta(milliseconds=1) if self.max else 0,
            requests=self.requests or "",
            errors=self.errors or "",
            latency=self.latency or "",
            good=self.good or "",
            total=self.total or "",
            updated=self.updated or "",
            parts=tuple(self.parts or ()),
            runbook=self.runbook or "",
        )


class Names(Shape):
    """How requests are counted, where it is not golive's own front door that counts them."""

    requests: Selector = Field(
        default=default(observed.Vocabulary, "requests"),
        description="A selector of the counter of requests.",
        examples=["http_requests_total"],
    )
    errors: Selector = Field(
        default=default(observed.Vocabulary, "errors"),
        description="A selector of the counter of failed requests.",
        examples=['http_requests_total{code=~"5.."}'],
    )
    latency: Selector = Field(
        default=default(observed.Vocabulary, "latency"),
        description="A selector of the histogram, without `_bucket`.",
        examples=["http_request_duration_seconds"],
    )
    unit: Annotated[Unit, texts.choice(Unit)] = Field(
        default=default(observed.Vocabulary, "unit"), description="The unit of its bounds.", examples=["s"]
    )
    service: Annotated[str, texts.variable()] = Field(
        default=default(observed.Vocabulary, "service"),
        description="The label that holds the name of the service; every rule keeps it.",
        examples=["job"],
    )
    environment: Annotated[str, texts.variable()] = Field(
        default=default(observed.Vocabulary, "environment"),
        description="The label that holds the name of the environment; every rule keeps it.",
        examples=["namespace"],
    )
    revision: Annotated[str, texts.variable()] = Field(
        default=default(observed.Vocabulary, "revision"),
        description="The label that tells revisions apart, on dashboards.",
        examples=["version"],
    )

    def value(self) -> observed.Vocabulary:
        return observed.Vocabulary(**self.model_dump())


class Resource(Shape):
    """When a resource is short."""

    name: Name = Field(description="What the alert calls it.", examples=["connections"])
    metric: Selector = Field(
        description="A selector of a gauge between 0 (free) and 1 (used up).", examples=["pool_used_ratio"]
    )
    limit: Annotated[int, quantities.share()] = Field(
        description="Above it for five minutes is an alert.", examples=["90 %"]
    )

    def value(self) -> observed.Saturation:
        return observed.Saturation(name=self.name, metric=self.metric, limit_ppm=self.limit)


class Receiver(Shape):
    """Where alerts go, and how golive learns that one arrived."""

    webhook: Url = Field(
        description="Gets what Alertmanager sends to a webhook.", examples=["http://127.0.0.1:9094/page"]
    )
    acknowledged: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None,
        description="Exits 0 once the text in GOLIVE_MARKER has arrived with a person or their tool. Without it "
        "the webhook itself is asked, as `golive observe listen` answers.",
        examples=[["./find-page.sh"]],
    )
    timeout: Annotated[timedelta, quantities.duration("1s", "10m")] = Field(
        default=default(observed.Receiver, "timeout"),
        description="How long an alert may take to arrive.",
        examples=["30s"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        yield from address_faults(written, "webhook")

    def value(self) -> observed.Receiver:
        return observed.Receiver(webhook=self.webhook, acknowledged=self.acknowledged or (), timeout=self.timeout)


class Receivers(Shape):
    """One for each severity."""

    page: Receiver | None = Field(
        default=None,
        description="What must be looked at now.",
        examples=[{"webhook": "http://127.0.0.1:9094/page"}],
    )
    ticket: Receiver | None = Field(
        default=None,
        description="What can wait for the morning. Without it: as `page`.",
        examples=[{"webhook": "http://127.0.0.1:9094/ticket"}],
    )

    def value(self) -> dict[observed.Severity, observed.Receiver]:
        found: dict[observed.Severity, observed.Receiver] = {}
        if self.page:
            found["page"] = self.page.value()
        if self.ticket or self.page:
            found["ticket"] = (self.ticket or self.page).value()  # type: ignore[union-attr]
        return found


class Prometheus(Shape):
    """A Prometheus that evaluates the rules, and the Alertmanager that it tells."""

    url: Url = Field(description="Where its API is.", examples=["http://127.0.0.1:9090"])
    alertmanager: Url = Field(description="Where Alertmanager's API is.", examples=["http://127.0.0.1:9093"])
    token: Secret | None = Field(
        default=None, description="A bearer token for both, by reference.", examples=[{"env": "PROMETHEUS_TOKEN"}]
    )
    ca: Annotated[str, texts.file_path()] | None = Field(
        default=None,
        description="A file with certificates to trust besides the machine's.",
        examples=["ca.pem"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        yield from address_faults(written, "url", "alertmanager")

    def value(self) -> observed.PrometheusPlace:
        return observed.PrometheusPlace(
            url=self.url.rstrip("/"),
            alertmanager=self.alertmanager.rstrip("/"),
            token=self.token.value() if self.token else None,
            ca=self.ca or "",
        )


class Observed(Shape):
    """What is promised and watched in operation."""

    slos: list[Slo] = Field(
        default=[],
        max_length=50,
        description="The promises. Without any: what `objectives` says, over 30 days.",
        examples=[[{"name": "availability", "kind": "availability", "target": "99.9 %"}]],
    )
    metrics: Names = Field(
        default_factory=Names,
        description="How requests are counted, where not by golive's own front door.",
        examples=[{"requests": "http_requests_total"}],
    )
    saturation: list[Resource] | None = Field(
        default=None,
        max_length=20,
        description="Which resources may become short. Without it: processor, memory and disk of the machine, at "
        "90 %.",
        examples=[[{"name": "connections", "metric": "pool_used_ratio", "limit": "80 %"}]],
    )
    quiet: Annotated[timedelta | None, or_null(quantities.duration("1m", "50m"))] = Field(
        default=default(observed.Observe, "quiet"),
        description="So long without one request is an alert; null: silence is normal.",
        examples=["10m"],
    )
    runbook: Url = Field(
        default=default(observed.Observe, "runbook"),
        description="The page that alerts point to; the alert's name is the anchor.",
        examples=["https://wiki.example/storefront"],
    )
    dashboard: Url | None = Field(
        default=None, description="Where Grafana is.", examples=["https://grafana.example"]
    )
    scrape: Annotated[str, texts.url_path()] | None = Field(
        default=None,
        description="A path of each instance that shows metrics of its own, where golive scrapes.",
        examples=["/metrics"],
    )
    receivers: Receivers = Field(
        default_factory=Receivers,
        description="Who hears of an alert.",
        examples=[{"page": {"webhook": "http://127.0.0.1:9094/page"}}],
    )
    prometheus: Prometheus | None = Field(
        default=None,
        description="Where rules are evaluated. Without it golive scrapes and evaluates by itself.",
        examples=[{"url": "http://127.0.0.1:9090", "alertmanager": "http://127.0.0.1:9093"}],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        yield from address_faults(written, "dashboard")
        slos = [mapping(slo) for slo in items(written.get("slos"))]
        kinds: dict[Any, Any] = {
            slo.get("name"): slo.get("kind") for slo in slos if isinstance(slo.get("name"), str)
        }
        for place, slo in enumerate(slos):
            if slo.get("name") in [other.get("name") for other in slos[:place]]:
                yield Fault(
                    f"{slo['name']} is there twice", next="rename or remove one", at=("slos", place, "name")
                )
            for number, part in enumerate(items(slo.get("parts"))):
                if isinstance(part, str) and kinds.get(part, "composed") == "composed":
                    near = nearest(part, [name for name, kind in kinds.items() if kind != "composed"])
                    yield Fault(
                        f"{part} is not an SLO that can be a part",
                        why="parts are SLOs of this list that are not composed themselves",
                        next=f"did you mean `{near}`?" if near else "add it, or remove it here",
                        at=("slos", place, "parts", number),
                    )

    def value(self) -> observed.Observe:
        made = observed.Observe()
        return observed.Observe(
            slos=tuple(slo.value() for slo in self.slos),
            vocabulary=self.metrics.value(),
            saturation=made.saturation
            if self.saturation is None
            else tuple(one.value() for one in self.saturation),
            quiet=self.quiet,
            runbook=self.runbook,
            dashboard=(self.dashboard or "").rstrip("/"),
            scrape=self.scrape or "",
            receivers=self.receivers.value(),
            prometheus=self.prometheus.value() if self.prometheus else None,
        )
