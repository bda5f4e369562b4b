"""Everything that is evaluated for a service: what is recorded, what alerts, and what hangs together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from golive.slo.alerts import Alert, alerts, scope_of_rules
from golive.slo.evaluate import Recording
from golive.slo.promql import Expression, Number, Select, Two
from golive.slo.ratios import Counted, known, promises, recorded
from golive.slo.series import Matcher
from golive.slo.windows import windows
from golive.spec.observed import Observe, Slo
from golive.spec.values import Spec

LEFT = "slo:error_budget_left:ratio"


@dataclass(frozen=True, kw_only=True)
class RuleBook:
    """The rules of one service, for all of its environments."""

    service: str
    owner: str
    observe: Observe
    slos: tuple[Slo, ...]
    recordings: tuple[Recording, ...]  # in the order in which they are evaluated
    budgets: tuple[Recording, ...]  # of the whole window: costly, and needed seldom
    alerts: tuple[Alert, ...]

    @property
    def by_name(self) -> Mapping[str, Slo]:
        return {slo.name: slo for slo in self.slos}

    def recorded(self) -> Mapping[str, Sequence[Recording]]:
        """What each recorded name stands for, for `evaluate.Store`."""
        found: dict[str, list[Recording]] = {}
        for recording in (*self.recordings, *self.budgets):
            found.setdefault(recording.name, []).append(recording)
        return found

    def labels(self, alert: Alert) -> dict[str, str]:
        """What the rule adds; routes go by these."""
        return {
            "application": self.service,
            "severity": alert.severity,
            "signal": alert.signal,
            "owner": self.owner,
            **alert.labels,
        }

    def annotations(self, alert: Alert) -> dict[str, str]:
        names = self.observe.vocabulary
        who, where = (f"{{{{ $labels.{label} }}}}" for label in (names.service, names.environment))
        return {
            "summary": f"{who} in {where}: {alert.summary}",
            "description": alert.description,
            "runbook_url": alert.runbook,
            "dashboard_url": f"{self.observe.dashboard}/d/{uid(self.service)}",
        }


def uid(service: str) -> str:
    """Grafana's name for the dashboard: at most 40 characters."""
    return f"golive-{service}"[:40]


def rulebook(spec: Spec) -> RuleBook:
    """The rules that follow from golive.yaml. `Failure` (usage) for a selector that cannot be read."""
    observe = spec.observe
    slos = promises(observe, spec.objectives)
    known(slos)
    ordered = sorted(slos, key=lambda slo: slo.kind == "composed")  # its parts are recorded before it is
    return RuleBook(
        service=spec.service,
        owner=spec.owner,
        observe=observe,
        slos=slos,
        recordings=tuple(r for slo in ordered for r in _recordings(spec.service, slo, observe, windows())),
        budgets=tuple(r for slo in ordered for r in _budget(spec.service, slo, observe)),
        alerts=alerts(spec.service, slos, observe),
    )


def _recordings(service: str, slo: Slo, observe: Observe, lengths: Sequence[timedelta]) -> Iterator[Recording]:
    scope = scope_of_rules(service, observe)
    for window in lengths:
        bad = Counted(slo=slo, vocabulary=observe.vocabulary).bad(window, scope)
        yield Recording(name=recorded(window), labels=(("slo", slo.name),), of=bad)


def _budget(service: str, slo: Slo, observe: Observe) -> Iterator[Recording]:
    if slo.window not in windows():
        yield from _recordings(service, slo, observe, [slo.window])
    yield Recording(name=LEFT, labels=(("slo", slo.name),), of=_left(service, slo, observe))


def _left(service: str, slo: Slo, observe: Observe) -> Expression:
    matchers = (Matcher("slo", "=", slo.name), *scope_of_rules(service, observe).matchers)
    spent = Two("/", Select(recorded(slo.window), matchers), Number((1_000_000 - slo.target_ppm) / 1_000_000))
    return Two("-", Number(1), spent)
