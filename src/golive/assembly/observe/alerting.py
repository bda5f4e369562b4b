"""The drill of all alerts joined: Prometheus, Alertmanager, receivers, and the record of what was seen."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.assembly import proofs
from golive.assembly.desk import desk
from golive.assembly.observe.lookout import memory_of, scrapes_of
from golive.assembly.place import Folders, environment_of, folders, specification
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

    from golive.controller.alarms import Ways
    from golive.drivers.alerting.ask import Api
    from golive.drivers.alerting.embedded import LookoutEngine
    from golive.drivers.metrics.scrapes import ScrapeStore
    from golive.slo.alerts import Alert
    from golive.slo.chain import Engine, KeepingEngine, Pager, Seen, Switchboard, Told
    from golive.slo.rulebook import RuleBook
    from golive.spec.observed import PrometheusPlace, Receiver
    from golive.spec.values import Spec

CLAIM = "alerts-proven"


@dataclass(frozen=True, kw_only=True)
class AlertShown:
    """One alert as the drill saw it; times in milliseconds from the moment at which it was planted."""

    alert: str
    signal: str
    severity: str
    broken: str  # the hop where its way ended; "" when it arrived
    because: str
    fired_ms: int | None
    routed_ms: int | None
    arrived_ms: int | None
    ended_ms: int | None  # from the moment at which the trouble ended


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The whole drill."""

    marker: str
    answer: str  # proven or refuted
    because: str
    alerts: tuple[AlertShown, ...]


async def prove_alerts(file: str, environment: str, patience: timedelta, tell: Callable[[str], None]) -> Shown:
    """Plant each alert's fault under a name that only this drill has, and follow it to its receiver; record it."""
    from golive.controller.alarms import Drill
    from golive.slo.rulebook import rulebook

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    book = rulebook(spec)
    with desk(file) as at:
        marker = at.clock.new_id().replace("-", "")[-12:]
        ways = _ways(spec, book, environment, folders(file), patience)
        drill = Drill(book=book, environment=environment, marker=marker, ways=ways, clock=at.clock, tell=tell)
        with uprooted(spec, environment, folders(file), marker):
            shown = _shown(marker, await drill.run())
        proofs.record(at, file, spec, _proof(environment, shown))
    return shown


@contextmanager
def uprooted(spec: "Spec", environment: str, here: Folders, marker: str) -> "Iterator[None]":
    """Where golive itself keeps the samples, nothing of a drill stays behind."""
    try:
        yield
    finally:
        if spec.observe.prometheus is None and memory_of(here, environment).path.exists():
            with closing(scrapes_of(here, environment)) as scrapes:
                scrapes.uproot(spec.observe.vocabulary.service, f"-drill-{marker}-")


def engine_of(spec: "Spec", environment: str, here: Folders) -> "KeepingEngine":
    """The Prometheus that golive.yaml names, or golive's own lookout."""
    if spec.observe.prometheus is None:
        return _lookout_engine(spec, environment, here)
    from golive.drivers.alerting.prometheus import PrometheusEngine

    place = spec.observe.prometheus
    return PrometheusEngine(api=_api(place.url, "Prometheus", place, here), label=spec.observe.vocabulary.service)


def _lookout_engine(spec: "Spec", environment: str, here: Folders) -> "LookoutEngine":
    from golive.drivers.alerting.embedded import LookoutEngine
    from golive.drivers.clock import SystemClock
    from golive.slo.evaluate import Store
    from golive.slo.render.alertmanager import receiver_name
    from golive.slo.rulebook import rulebook

    @cache
    def scrapes() -> "ScrapeStore":
        return scrapes_of(here, environment)  # only once it is known that somebody watches

    book = rulebook(spec)
    told = {alert.name: alert.severity for alert in book.alerts if alert.severity in book.observe.receivers}
    return LookoutEngine(
        environment=environment,
        label=book.observe.vocabulary.service,
        load=memory_of(here, environment).load,
        plant=lambda series: scrapes().plant(series),
        store=lambda: Store(read=scrapes().read, recordings=book.recorded()),
        receivers={alert: receiver_name(book, severity) for alert, severity in told.items()},
        now_ms=lambda: round(SystemClock().now().timestamp() * 1000),
    )


def _ways(spec: "Spec", book: "RuleBook", environment: str, here: Folders, patience: timedelta) -> "Ways":
    from golive.controller.alarms import Ways
    from golive.slo.render.alertmanager import receiver_name

    engine, switchboard = _engine_and_switchboard(spec, environment, here)
    receivers = book.observe.receivers
    longest = max((one.timeout for one in receivers.values()), default=timedelta(seconds=30))
    return Ways(
        engine=engine,
        switchboard=switchboard,
        pagers={severity: _pager(receiver, here) for severity, receiver in receivers.items()},
        receivers={severity: receiver_name(book, severity) for severity in receivers},
        patience=patience or longest,
    )


def _engine_and_switchboard(spec: "Spec", environment: str, here: Folders) -> "tuple[Engine, Switchboard]":
    from golive.drivers.alerting.alertmanager import Alertmanager

    place, label = spec.observe.prometheus, spec.observe.vocabulary.service
    if place is None:
        own = _lookout_engine(spec, environment, here)
        return own, own
    api = _api(place.alertmanager, "Alertmanager", place, here)
    return engine_of(spec, environment, here), Alertmanager(api=api, label=label)


def _api(url: str, name: str, place: "PrometheusPlace", here: Folders) -> "Api":
    from golive.drivers.alerting.ask import Api
    from golive.drivers.targets.secrets import resolve

    token = ""
    if place.token:
        token = resolve({"token": place.token}, root=here.root, environ=os.environ)["token"]
    return Api(url=url, name=name, token=token, ca=str(here.root / place.ca) if place.ca else "")


def _pager(receiver: "Receiver", here: Folders) -> "Pager":
    from golive.drivers.alerting.ask import Api
    from golive.drivers.alerting.receivers import AskedCommand, AskedWebhook
    from golive.drivers.commands import LocalCommands

    if receiver.acknowledged:
        return AskedCommand(commands=LocalCommands(here.root), command=receiver.acknowledged)
    return AskedWebhook(api=Api(url=receiver.webhook, name="the receiver"))


def _shown(marker: str, found: "tuple[tuple[Alert, Seen, Told], ...]") -> Shown:
    alerts = tuple(_alert(*one) for one in found)
    broken = [one for one in alerts if one.broken]
    because = f"{len(alerts)} alerts were planted, fired, reached their receiver and ended"
    if broken:
        first = broken[0]
        because = f"{len(broken)} of {len(alerts)} did not: {first.alert}: {first.broken}: {first.because}"
    return Shown(marker=marker, answer="refuted" if broken else "proven", because=because, alerts=alerts)


def _alert(alert: "Alert", seen: "Seen", told: "Told") -> AlertShown:
    return AlertShown(
        alert=alert.name,
        signal=alert.signal,
        severity=alert.severity,
        broken=told.broken or "",
        because=told.because,
        fired_ms=_ms(seen.fired),
        routed_ms=_ms(seen.routed_after),
        arrived_ms=_ms(seen.arrived),
        ended_ms=_ms(seen.resolved),
    )


def _ms(length: timedelta | None) -> int | None:
    return None if length is None else length // timedelta(milliseconds=1)


def _proof(environment: str, shown: Shown) -> proofs.Shown:
    green = any(one.broken == "control" for one in shown.alerts)
    return proofs.Shown(
        claim=CLAIM,
        environment=environment,
        answer=shown.answer,
        because=shown.because,
        control="green" if green else "red",
        next=f"golive observe prove --env {environment}",
        name=f"alerts/{environment}-{shown.marker}",
        content=asdict(shown),
        passed=[one.alert for one in shown.alerts if not one.broken],
        failed=[one.alert for one in shown.alerts if one.broken],
    )


def listening(file: str, host: str, port: int, tell: Callable[[dict[str, Any]], None]) -> "ThreadingHTTPServer":
    """A receiver for alerts that keeps them in `.golive/pages.jsonl`; it listens when this returns."""
    from golive.drivers.alerting.listen import Pages, server

    path = Path(file).resolve().parent / ".golive" / "pages.jsonl"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        return server(host, port, Pages(path), tell)
    except OSError as error:
        raise Failure(
            where=f"{host}:{port}",
            what="nothing can listen there",
            why=error.strerror or str(error),
            next="choose another: golive observe listen --port PORT",
            code=Exit.USAGE,
        ) from error
