"""The review of thresholds joined: the past as the engine kept it, a load of golive perf, and the record."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from golive.assembly import proofs
from golive.assembly.desk import desk
from golive.assembly.observe.alerting import engine_of
from golive.assembly.observe.dashboards import read_json
from golive.assembly.place import environment_of, folders, specification
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from golive.slo.chain import KeepingEngine
    from golive.slo.review import Asked, Burnt, Loaded, Replayed
    from golive.slo.rulebook import RuleBook
    from golive.slo.series import Series

CLAIM = "thresholds-reviewed"
MOMENTS = 288  # a day, every five minutes
FINEST = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """Every threshold over a time."""

    answer: str  # proven, refuted, or nothing: no data
    because: str
    control: str  # red when a threshold that the same past lies above was told as one that calls
    since: datetime
    step_s: float
    alerts: "tuple[Replayed, ...]"
    budgets: "tuple[Burnt, ...]"
    load: "tuple[Loaded, ...]"


async def review(
    file: str, environment: str, length: timedelta, load: str, tell: Callable[[str], None]
) -> Reviewed:
    """Replay every threshold over the past, hold the SLOs against a load if one is named, and record it."""
    from golive.slo.review import against, asked, loose, said
    from golive.slo.rulebook import rulebook

    spec, _ = specification(file)
    environment_of(spec, environment, file)
    book, engine = rulebook(spec), engine_of(spec, environment, folders(file))
    await engine.loaded()  # an engine that is away is told before anything else
    with desk(file) as at:
        now, step = at.clock.now(), max(FINEST, length / MOMENTS)
        past = _Past(engine=engine, since=now - length // step * step, at=now, step=step)  # the last moment is now
        questions = tuple(asked(book, environment))
        replays = []
        for n, question in enumerate(questions):
            if n % -(-len(questions) // 4) == 0:
                tell(f"replayed {n} of {len(questions)} thresholds")
            replays.append(await past.replay(question, book, environment))
        budgets = tuple([await past.burnt(book, slo, environment, replays) for slo in book.slos])
        answer, because = said(replays, loose(budgets, replays, book), length)
        reviewed = Reviewed(
            answer=answer,
            because=because,
            control=await past.control(questions, book, environment),
            since=now - length,
            step_s=step.total_seconds(),
            alerts=tuple(replays),
            budgets=budgets,
            load=_held(book, load, against) if load else (),
        )
        proofs.record(at, file, spec, _proof(environment, reviewed))
    return reviewed


def _held(book: "RuleBook", path: str, against: "Callable[..., tuple[Loaded, ...]]") -> "tuple[Loaded, ...]":
    try:
        return against(book, read_json(path))
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(
            where=path,
            what="this is no result of a load",
            why=f"a part is missing or of another kind: {error!r}",
            next="golive perf --output perf.json writes one",
            code=Exit.USAGE,
        ) from error


@dataclass
class _Past:
    """What an engine kept from one moment to another; the same question is asked once."""

    engine: "KeepingEngine"
    since: datetime
    at: datetime
    step: timedelta

    def __post_init__(self) -> None:
        self._asked: dict[str, Sequence[Series]] = {}

    async def replay(self, question: "Asked", book: "RuleBook", environment: str) -> "Replayed":
        from golive.slo.review import replayed

        found = [series for of in question.of for series in await self._curve(of, book, environment)]
        return replayed(question, found, self.step, await self._moments(book, environment))

    async def _curve(self, of: Any, book: "RuleBook", environment: str) -> "Sequence[Series]":
        """Of the real service alone: an alert's own expression is about its drills too."""
        from golive.slo.promql import text

        query, names = text(of), book.observe.vocabulary
        if query not in self._asked:
            self._asked[query] = await self.engine.curves(query, self.since, self.at, self.step)
        real = {(names.service, book.service), (names.environment, environment)}
        return [series for series in self._asked[query] if real <= set(series.labels)][:1]

    async def _moments(self, book: "RuleBook", environment: str) -> int:
        from golive.slo.promql import By, Select
        from golive.slo.series import Matcher

        names = book.observe.vocabulary
        where = (Matcher(names.service, "=", book.service), Matcher(names.environment, "=", environment))
        up = By("max", Select("up", where), (names.service, names.environment))
        return sum(len(series.values) for series in await self._curve(up, book, environment))

    async def burnt(self, book: "RuleBook", slo: Any, environment: str, replays: "Sequence[Replayed]") -> "Burnt":
        from golive.slo.promql import text
        from golive.slo.review import Burnt, bad_in, stricter

        of = bad_in(book, slo, environment, timedelta(seconds=(self.at - self.since) // timedelta(seconds=1)))
        values = await self.engine.values(text(of), self.at) if of else ()
        bad = next((value for value in values if value == value), None)
        budget = (1_000_000 - slo.target_ppm) / 1_000_000
        share = (self.at - self.since) / slo.window
        burnt = None if bad is None else bad / budget * share
        return Burnt(slo=slo.name, bad=bad, burnt=burnt, suggestion=stricter(slo, replays, book, self.step))

    async def control(self, questions: "Sequence[Asked]", book: "RuleBook", environment: str) -> str:
        """Each threshold set below what was seen must be told as one that calls; red when all were."""
        from dataclasses import replace

        tried = 0
        for question in questions:
            seen = await self.replay(question, book, environment)
            if seen.closest:
                tried += 1
                lower = replace(question, limit=question.limit * seen.closest / 2)
                if not (await self.replay(lower, book, environment)).calls:
                    return "green"
        return "red" if tried else "not run"


def _proof(environment: str, reviewed: Reviewed) -> proofs.Shown:
    waive = f"golive waive {CLAIM} --env {environment} --days 14 --reason WHY"
    return proofs.Shown(
        claim=CLAIM,
        environment=environment,
        answer=reviewed.answer,
        because=reviewed.because,
        control=reviewed.control,
        next=f"change the threshold, or say why it stays: {waive}",
        name=f"thresholds/{environment}",
        content=asdict(reviewed),
        passed=[one.alert for one in reviewed.alerts if one.looked and not one.calls],
        failed=[one.alert for one in reviewed.alerts if one.calls or not one.looked],
    )
