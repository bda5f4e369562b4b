"""Alertmanager as the switchboard. https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from golive.drivers.alerting.ask import Api, counter
from golive.slo.chain import Routed


@dataclass(frozen=True, kw_only=True)
class Alertmanager:
    """Implements `slo.chain.Switchboard`."""

    api: Api
    label: str

    async def routed(self, services: Collection[str]) -> Sequence[Routed]:
        answer = await self.api.json("GET", "/api/v2/alerts?active=true&silenced=true&inhibited=true")
        return [
            Routed(
                alert=alert["labels"]["alertname"],
                service=alert["labels"][self.label],
                receivers=tuple(receiver["name"] for receiver in alert["receivers"]),
                silenced_by=tuple(alert["status"]["silencedBy"]),
                inhibited_by=tuple(alert["status"]["inhibitedBy"]),
            )
            for alert in answer
            if alert["labels"].get(self.label) in services
        ]

    async def undelivered(self) -> Mapping[str, int]:
        metrics = await self.api.ask("GET", "/metrics")
        return counter(metrics, "alertmanager_notification_requests_failed_total", by="integration")
