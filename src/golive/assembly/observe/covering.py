"""What is watched of what is promised, looked up: data, dashboard, runbook, rehearsal, and the last drill."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.assembly import proofs
from golive.assembly.desk import desk
from golive.assembly.observe.alerting import CLAIM as DRILL
from golive.assembly.observe.alerting import engine_of
from golive.assembly.observe.dashboards import read_dashboard
from golive.assembly.place import Folders, environment_of, folders, specification
from golive.errors import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from golive.controller.desk import Desk
    from golive.slo.coverage import Page, Point, Share
    from golive.slo.rulebook import RuleBook
    from golive.spec.values import Spec

CLAIM = "monitoring-covered"
MOST_BYTES = 4 * 1024 * 1024
LIFETIME = timedelta(days=30)  # of a drill, as that of its claim


@dataclass(frozen=True, kw_only=True)
class Covered:
    """How much is watched, and what is missing."""

    answer: str  # proven or refuted
    because: str
    percent: str
    control: str  # red when a promise that nothing watches was found to have holes
    shares: "tuple[Share, ...]"
    points: "tuple[Point, ...]"


async def cover(file: str, environment: str, dashboard: str) -> Covered:
    """Look up every point and record what was found. `dashboard` "" is the one that golive renders."""
    from golive.slo.coverage import Found, control, coverage, percent, shares, verdict
    from golive.slo.rehearsal import rehearse
    from golive.slo.rulebook import rulebook

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    book, here = rulebook(spec), folders(file)
    with desk(file) as at:
        found = Found(
            data=await _data(spec, book, environment, here, at),
            queries=_queries(book, dashboard),
            pages=await _pages(book, here),
            rehearsed={
                alert.name: next((f"not so: {one.plant.because}" for one in shown if not one.as_expected), "")
                for alert, shown in rehearse(book, environment)
            },
            arrived=_arrived(at, spec, environment),
        )
        points = coverage(book, found)
        answer, because = verdict(points)
        covered = Covered(
            answer=answer,
            because=because,
            percent=percent(points),
            control=control(book),
            shares=shares(points),
            points=points,
        )
        proofs.record(at, file, spec, _proof(environment, covered))
    return covered


async def _data(
    spec: "Spec", book: "RuleBook", environment: str, here: Folders, at: "Desk"
) -> "Mapping[str, str]":
    """Whether each SLO's bad share of the last minutes is a number, of the real service."""
    from golive.slo.promql import Select, text
    from golive.slo.ratios import recorded
    from golive.slo.series import Matcher
    from golive.slo.windows import BURNS

    names, engine = book.observe.vocabulary, engine_of(spec, environment, here)
    where = (Matcher(names.service, "=", spec.service), Matcher(names.environment, "=", environment))
    found = {}
    for slo in book.slos:
        query = text(Select(recorded(BURNS[0].long), (Matcher("slo", "=", slo.name), *where)))
        try:
            await engine.loaded()  # an engine that is away has no data, however much it once kept
            values = await engine.values(query, at.clock.now())
        except Failure as failure:
            found[slo.name] = f"{failure.what}: {failure.why}"
            continue
        numbers = [value for value in values if value == value]
        found[slo.name] = "" if numbers else "no data of the real service"
    return found


def _queries(book: "RuleBook", dashboard: str) -> "Sequence[str]":
    from golive.slo.dashboards import queries
    from golive.slo.render.grafana import dashboard as rendered

    content = read_dashboard(dashboard) if dashboard else rendered(book)
    return [query.text for query in queries(content, where=dashboard or book.service)]


async def _pages(book: "RuleBook", here: Folders) -> "Mapping[str, Page]":
    from golive.slo.coverage import addresses

    return {address: await _page(address, here.root) for address in sorted(addresses(book))}


async def _page(address: str, root: Path) -> "Page":
    from golive.drivers.alerting.ask import Api
    from golive.slo.coverage import Page, page

    try:
        if address.startswith(("http://", "https://")):
            content = await Api(url=address, name="the runbook").ask("GET", "")
        else:
            with (root / address).open("rb") as file:
                content = file.read(MOST_BYTES)
    except Failure as failure:
        return Page(unread=failure.why or failure.what)
    except OSError as error:
        return Page(unread=error.strerror or str(error))
    return page(content.decode("utf-8", "replace"))


def _arrived(at: "Desk", spec: "Spec", environment: str) -> dict[str, str]:
    """What the newest drill saw of each alert, as far as it was a drill of today's golive.yaml."""
    drills = [r for r in at.records() if r.draft.body.get("claim") == DRILL and r.draft.environment == environment]
    drills = [r for r in drills if r.draft.artifacts]
    if not drills:
        return {}
    newest = drills[-1].draft
    shown = json.loads(at.artifacts.read(newest.artifacts[0]))
    inputs: Any = newest.body.get("inputs")
    old = ""
    if inputs != {"config": spec.digest}:
        old = "golive.yaml was changed since the drill that saw it"
    elif at.clock.now() - newest.at > LIFETIME:
        old = f"the drill that saw it is {(at.clock.now() - newest.at).days} days old"
    return {
        one["alert"]: f"{one['broken']}: {one['because']}" if one["broken"] else old for one in shown["alerts"]
    }


def _proof(environment: str, covered: Covered) -> proofs.Shown:
    return proofs.Shown(
        claim=CLAIM,
        environment=environment,
        answer=covered.answer,
        because=covered.because,
        control=covered.control,
        next=f"golive observe coverage --env {environment}",
        name=f"coverage/{environment}",
        content=asdict(covered),
        passed=[f"{one.name}: {one.aspect}" for one in covered.points if not one.hole],
        failed=[f"{one.name}: {one.aspect}" for one in covered.points if one.hole],
    )
