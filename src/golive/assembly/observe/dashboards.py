"""The proof of a dashboard joined: its file, Prometheus, and the record of what was seen."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.assembly import proofs
from golive.assembly.desk import desk
from golive.assembly.observe.alerting import engine_of, uprooted
from golive.assembly.place import environment_of, folders, specification
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.slo.dashboards import Looked, Query

CLAIM = "dashboards-have-data"
CONTROL = 'sum(golive_no_such_metric{service="$service"}) or vector(0)'  # stays green for ever by itself
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class PanelShown:
    """One query of a panel; `hole` is "" when it has data and moves."""

    panel: str
    ref: str
    hole: str


@dataclass(frozen=True, kw_only=True)
class PanelsShown:
    """The whole dashboard. `control`: red when a query that cannot move was found."""

    marker: str
    answer: str
    because: str
    control: str
    panels: tuple[PanelShown, ...]


async def prove_panels(
    file: str, environment: str, dashboard: str, patience: timedelta, tell: Callable[[str], None]
) -> PanelsShown:
    """Every query of a dashboard, on the real service and on planted faults; recorded.

    `dashboard` is a file of Grafana's; "" is the one that golive renders.
    """
    from golive.controller.panels import PanelProof
    from golive.slo.dashboards import Query, queries
    from golive.slo.render.grafana import dashboard as rendered
    from golive.slo.rulebook import rulebook

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    book = rulebook(spec)
    asked = (
        queries(read_dashboard(dashboard), where=dashboard) if dashboard else queries(rendered(book), where=file)
    )
    control = Query(panel="", ref="", text=CONTROL)
    with desk(file) as at:
        proof = PanelProof(
            book=book,
            environment=environment,
            marker=at.clock.new_id().replace("-", "")[-12:],
            engine=engine_of(spec, environment, folders(file)),
            queries=asked,
            clock=at.clock,
            patience=patience,
            tell=tell,
            control=control,
        )
        with uprooted(spec, environment, folders(file), proof.marker):
            shown = _shown(proof.marker, await proof.run(), control)
        proofs.record(at, file, spec, _proof(environment, shown))
    return shown


def read_dashboard(path: str) -> dict[str, Any]:
    """A dashboard of Grafana from a file; `Failure` (usage) when it cannot be read."""
    return read_json(path, next="golive observe render --out observability, or leave --dashboard out")


def read_json(path: str, next: str = "name another file") -> dict[str, Any]:
    """An object from a file of JSON; `Failure` (usage) when it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            found = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise Failure(
            where=path,
            what="this file cannot be read as JSON",
            why=str(error),
            next=next,
            code=Exit.USAGE,
        ) from error
    return found if isinstance(found, dict) else {}


def _shown(marker: str, looked: "tuple[Looked, ...]", control: "Query") -> PanelsShown:
    from golive.slo.dashboards import hole

    told = [(one.query, hole(one)) for one in looked]
    panels = tuple(PanelShown(panel=q.panel, ref=q.ref, hole=what) for q, what in told if q != control)
    red = any(q == control and what for q, what in told)
    holes = [one for one in panels if one.hole]
    because = f"{len(panels)} queries have data, and moved when a fault was planted"
    if holes:
        because = f"{len(holes)} of {len(panels)} queries: {holes[0].panel}: {holes[0].hole}"
    return PanelsShown(
        marker=marker,
        answer="refuted" if holes else "proven",
        because=because,
        control="red" if red else "green",
        panels=panels,
    )


def _proof(environment: str, shown: PanelsShown) -> proofs.Shown:
    return proofs.Shown(
        claim=CLAIM,
        environment=environment,
        answer=shown.answer,
        because=shown.because,
        control=shown.control,
        next=f"golive observe panels --env {environment}",
        name=f"panels/{environment}-{shown.marker}",
        content=asdict(shown),
        passed=[f"{one.panel} {one.ref}" for one in shown.panels if not one.hole],
        failed=[f"{one.panel} {one.ref}" for one in shown.panels if one.hole],
    )
