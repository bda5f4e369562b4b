"""Prometheus as the engine of rules. https://prometheus.io/docs/prometheus/latest/querying/api/"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.drivers.alerting.ask import Api, counter
from golive.drivers.alerting.remotewrite import HEADERS, body
from golive.errors import Failure
from golive.slo.chain import Loaded, Notifying
from golive.slo.series import Series, labels_of

AT_ONCE = 2_000  # samples of one request, about 50 KB


@dataclass(frozen=True, kw_only=True)
class PrometheusEngine:
    """Implements `slo.chain.Engine` and `slo.chain.History`. `label` is the one that holds the service's name."""

    api: Api
    label: str

    async def write(self, series: Sequence[Series]) -> None:
        batch, samples = list[Series](), 0
        for one in series:
            batch.append(one)
            samples += len(one.values)
            if samples >= AT_ONCE:
                await self._write(batch)
                batch, samples = [], 0
        if batch:
            await self._write(batch)

    async def _write(self, series: Sequence[Series]) -> None:
        try:
            await self.api.ask("POST", "/api/v1/write", content=body(series), headers=HEADERS)
        except Failure as failure:
            if "remote write receiver" not in failure.why:
                raise
            raise Failure(
                where=self.api.url,
                what="Prometheus takes no samples, so no drill can be planted",
                why="its remote write receiver is off",
                next="start it with --web.enable-remote-write-receiver",
            ) from failure

    async def loaded(self) -> Mapping[str, Loaded]:
        answer = await self.api.json("GET", "/api/v1/rules?type=alert")
        return {
            rule["name"]: Loaded(query=rule["query"], error=rule.get("lastError") or "")
            for group in answer["data"]["groups"]
            for rule in group["rules"]
        }

    async def firing(self, services: Collection[str]) -> Collection[tuple[str, str]]:
        answer = await self.api.json("GET", "/api/v1/alerts")
        found = ((alert["labels"], alert["state"]) for alert in answer["data"]["alerts"])
        return {
            (labels["alertname"], labels[self.label])
            for labels, state in found
            if state == "firing" and labels.get(self.label) in services
        }

    async def notifying(self) -> Notifying:
        answer = await self.api.json("GET", "/api/v1/alertmanagers")
        metrics = await self.api.ask("GET", "/metrics")
        dropped = counter(metrics, "prometheus_notifications_dropped_total")
        errors = counter(metrics, "prometheus_notifications_errors_total")
        return Notifying(
            switchboards=len(answer["data"]["activeAlertmanagers"]),
            dropped=sum(dropped.values()) + sum(errors.values()),
        )

    async def values(self, query: str, at: datetime) -> tuple[float, ...]:
        form = {"query": query, "time": f"{at.timestamp():.3f}"}
        answer = await self.api.json("POST", "/api/v1/query", form=form)
        data = answer["data"]
        if data["resultType"] == "scalar":
            return (float(data["result"][1]),)
        ordered = sorted(data["result"], key=lambda one: sorted(one["metric"].items()))
        return tuple(float(one["value"][1]) for one in ordered)

    async def curves(self, query: str, begin: datetime, end: datetime, step: timedelta) -> Sequence[Series]:
        form = {
            "query": query,
            "start": f"{begin.timestamp():.3f}",
            "end": f"{end.timestamp():.3f}",
            "step": f"{step.total_seconds():.3f}",
        }
        answer = await self.api.json("POST", "/api/v1/query_range", form=form)
        return [
            Series(
                labels=labels_of(one["metric"].items()),
                times_ms=[round(at * 1000) for at, _ in one["values"]],
                values=[float(value) for _, value in one["values"]],
            )
            for one in answer["data"]["result"]
        ]
