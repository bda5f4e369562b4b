"""Watching a rollout: each look's new ticks are folded into the evidence, and kept for whoever asks why.

What is kept in memory is bounded: over a long watch ticks are longer. A controller that takes over reads the
counters from the first traffic on, and folds again.
"""

from datetime import datetime, timedelta
from typing import Any

from golive.controller.assisting import Assistant, joined
from golive.controller.outside import Outside
from golive.judge.assessment import NOTHING, Assessment, evidence
from golive.judge.samples import Samples, Tick
from golive.judge.series import Series, body
from golive.judge.watch import Watch
from golive.release.forward import terms, weights
from golive.release.past import Rollout
from golive.release.wanted import Wanted

MOST_TICKS = 10_000  # of each revision in one watch


class Watching:
    """One controller's view of one rollout."""

    def __init__(self, wanted: Wanted, outside: Outside) -> None:
        self.wanted = wanted
        self._outside = outside
        self._watch = Watch(terms(wanted))
        self._ticks: list[Tick] = []
        self._note = ""
        self._read_at: datetime | None = None
        self._assistant = Assistant(wanted, outside)

    @property
    def pace(self) -> timedelta:
        """How far apart two readings are."""
        own = terms(self.wanted)
        planned = own.horizon + self.wanted.objectives.patience
        return max(own.objectives.tick, planned / MOST_TICKS)

    async def look(self, rollout: Rollout | None) -> Assessment:
        """Read what is new, when a tick has passed, and say where the evidence stands."""
        events = weights(self.wanted, rollout) if rollout and not rollout.turn else ()
        if not events or not any(stage.judged for stage in self.wanted.stages):
            await self._assistant.stop()
            return NOTHING
        now = self._outside.clock.now()
        moved = self._read_at is not None and events[-1].at > self._read_at
        if self._read_at is None or moved or now - self._read_at >= self.pace:
            self._read_at = now
            names = [r.name for r in (self.wanted.new, self.wanted.old) if r]
            since = self._ticks_end(events[0].at)
            users = await self._outside.samples.read(names, since)
            samples = joined(users, await self._assistant.take(events[-1].weight), now)
            self._watch.take(samples, events)
            self._keep(samples, since)
        return self._watch.assess()

    async def stop(self) -> None:
        await self._assistant.stop()

    def record(self, rollout: Rollout | None) -> dict[str, Any]:
        """Everything that the evidence was computed from."""
        return body(
            Series(
                rollout=self.wanted.rollout,
                terms=terms(self.wanted),
                events=weights(self.wanted, rollout) if rollout else (),
                evidence=evidence(self._watch.assess()),
                samples=Samples(bounds_ms=self._watch.bounds_ms, ticks=tuple(self._ticks), note=self._note),
            )
        )

    def _ticks_end(self, first: datetime) -> datetime:
        return next((t.at for t in reversed(self._ticks) if not t.synthetic), first)

    def _keep(self, samples: Samples, since: datetime) -> None:
        fresh = [tick for tick in samples.ticks if tick.at > since or tick.synthetic]
        self._ticks += fresh
        self._note = samples.note or self._note
