"""Watching a service without a Prometheus: scrape, evaluate its rules, tell whom it concerns, and begin again.

What fires is kept before and after each message: a lookout that is killed tells again rather than never.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Protocol

from golive.errors import Failure
from golive.slo.alerts import Alert
from golive.slo.evaluate import Store, evaluate
from golive.slo.firing import Firing, Watched, due, told, tried, went_on
from golive.slo.notice import webhook
from golive.slo.promql import Select, text
from golive.slo.render.alertmanager import receiver_name
from golive.slo.rulebook import RuleBook
from golive.slo.series import NAME, Labels, Series
from golive.spec.observed import Receiver, Severity

LOOK = timedelta(milliseconds=250)  # how soon a drill is noticed
AGAIN = timedelta(seconds=2)  # before a message that was lost is sent again
AT_ONCE = 4  # messages
THIN_EVERY = 8  # rounds


class Clock(Protocol):
    def now(self) -> datetime: ...


class Samples(Protocol):
    """What was scraped and planted."""

    def read(self, of: Select, begin_ms: int, end_ms: int) -> Iterable[Series]: ...

    def thin(self, now_ms: int) -> int: ...

    def others(self) -> int:
        """Another number once another command has written."""
        ...


class Memory(Protocol):
    """What a lookout keeps beyond its own life."""

    def load(self) -> Watched: ...

    def save(self, watched: Watched) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One round, for whoever looks on."""

    watched: Watched
    began: tuple[Firing, ...]
    ended: tuple[Firing, ...]


@dataclass
class Lookout:
    """One environment. `scrape` reads every source once and keeps what it shows: place → why not, or ""."""

    book: Callable[[], RuleBook]  # as golive.yaml has it now
    scrape: Callable[[int], Awaitable[Mapping[str, str]]]
    samples: Samples
    memory: Memory
    send: Callable[[Receiver, Mapping[str, Any]], Awaitable[None]]
    clock: Clock
    interval: timedelta
    see: Callable[[Moment], None]
    rounds: int = field(default=0, init=False)
    _book: RuleBook | None = field(default=None, init=False)  # the newest that could be read
    _others: int = field(default=0, init=False)
    _deaf: bool = field(default=False, init=False)  # whether the last message to somebody was lost

    async def run(self) -> None:
        """For ever. What cannot be written or read ends one round, never the lookout."""
        while True:
            begun, others = self.clock.now(), self._written()
            await self._try(scraping=True)
            looked = self.clock.now()
            while (now := self.clock.now()) - begun < self.interval:
                await asyncio.sleep(LOOK.total_seconds())
                written = self._written()
                # A drill that was planted need not wait, and neither need a message that was lost.
                if written != others or (self._deaf and now - looked >= AGAIN):
                    others, looked = written, now
                    await self._try(scraping=False)

    def _written(self) -> int:
        """What `others` says, or what it said last."""
        with suppress(Failure):
            self._others = self.samples.others()
        return self._others

    async def _try(self, *, scraping: bool) -> None:
        try:
            await self.round(scraping=scraping)
        except Failure as failure:
            trouble = f"{failure.where}: {failure.what}: {failure.why}"
            self.see(Moment(watched=replace(Watched(), trouble=trouble), began=(), ended=()))

    async def round(self, *, scraping: bool = True) -> None:
        """Scrape, evaluate, tell. `Failure` when the samples or the memory cannot be used."""
        (book, trouble), before = self._rules(), self.memory.load()
        at_ms = self._now_ms()
        places = await self.scrape(at_ms) if scraping else before.places
        holding, failing = await asyncio.to_thread(self._evaluated, book, at_ms)
        watched = replace(
            before,
            at_ms=at_ms,
            interval_ms=self.interval // timedelta(milliseconds=1),
            rules={alert.name: text(alert.of) for alert in book.alerts},
            failing=failing,
            places=places,
            unheard=tuple(sorted({alert.severity for alert in book.alerts} - book.observe.receivers.keys())),
            firing=went_on(before.firing, holding, failing, at_ms),
            trouble=trouble or ("" if before.at_ms else before.trouble),  # its memory may have been damaged
        )
        after = await self._told(book, watched)
        self.memory.save(after)
        self._deaf = bool(after.deaf)
        self.see(Moment(watched=after, began=_began(before, watched), ended=_ended(before, watched)))
        self.rounds += 1
        if self.rounds % THIN_EVERY == 0:
            await asyncio.to_thread(self.samples.thin, at_ms)

    def _rules(self) -> tuple[RuleBook, str]:
        """Those of golive.yaml, or the last ones while it cannot be read, and why."""
        try:
            self._book = self.book()
        except Failure as failure:
            if self._book is None:
                raise
            return self._book, f"the rules before are in force: {failure.where}: {failure.what}"
        return self._book, ""

    def _now_ms(self) -> int:
        return round(self.clock.now().timestamp() * 1000)

    def _evaluated(self, book: RuleBook, at_ms: int) -> tuple[dict[str, Collection[Labels]], dict[str, str]]:
        store = Store(read=self.samples.read, recordings=book.recorded())
        at = datetime.fromtimestamp(at_ms / 1000, self.clock.now().tzinfo)
        holding, failing = dict[str, Collection[Labels]](), dict[str, str]()
        for alert in book.alerts:
            try:
                found = evaluate(alert.of, at, store)
            except (ArithmeticError, ValueError, LookupError, TypeError, RecursionError) as error:
                failing[alert.name] = f"{type(error).__name__}: {error}"
            else:
                holding[alert.name] = {tuple(p for p in labels if p[0] != NAME) for labels in found}
        return holding, failing

    async def _told(self, book: RuleBook, watched: Watched) -> Watched:
        """The messages that are due, all at once; the memory is kept before the first."""
        alerts = {alert.name: alert for alert in book.alerts}
        receivers = book.observe.receivers
        messages = due(watched.firing, watched.at_ms)
        # What has no receiver, or no rule any more, is told to nobody.
        to_nobody = [
            one for one in messages if one.alert not in alerts or alerts[one.alert].severity not in receivers
        ]
        sent = [one for one in messages if one not in to_nobody]
        if not sent:
            return replace(watched, firing=told(watched.firing, to_nobody, watched.at_ms), deaf={})
        watched = replace(watched, firing=tried(watched.firing, sent))
        self.memory.save(watched)
        groups, turns = _grouped(book, alerts, sent), asyncio.Semaphore(AT_ONCE)
        outcomes = await asyncio.gather(*(self._sent(book, severity, group, turns) for severity, group in groups))
        undelivered, arrived = dict(watched.undelivered), list[Firing](to_nobody)
        deaf = dict[str, str]()
        for (severity, group), why in zip(groups, outcomes, strict=True):
            if why:
                undelivered[severity] = undelivered.get(severity, 0) + 1
                deaf[severity] = why
            else:
                arrived += [firing for _, firing in group]
        table = told(watched.firing, arrived, self._now_ms())
        return replace(watched, firing=table, undelivered=undelivered, deaf=deaf)

    async def _sent(
        self, book: RuleBook, severity: Severity, group: Sequence[tuple[Alert, Firing]], turns: asyncio.Semaphore
    ) -> str:
        """Why the message did not arrive, or ""."""
        message = webhook(book, receiver_name(book, severity), group)
        try:
            async with turns:
                await self.send(book.observe.receivers[severity], message)
        except Failure as failure:
            return failure.why or failure.what
        return ""


def _grouped(
    book: RuleBook, alerts: Mapping[str, Alert], messages: Sequence[Firing]
) -> list[tuple[Severity, list[tuple[Alert, Firing]]]]:
    """By severity, service and environment: one message for each."""
    names = (book.observe.vocabulary.service, book.observe.vocabulary.environment)

    def group(one: Firing) -> tuple[Severity, ...]:
        labels: Any = dict(one.labels)
        return alerts[one.alert].severity, *(labels.get(name, "") for name in names)

    found = groupby(sorted(messages, key=group), key=group)
    return [(key[0], [(alerts[one.alert], one) for one in same]) for key, same in found]


def _began(before: Watched, after: Watched) -> tuple[Firing, ...]:
    open_before = {one.key for one in before.firing if one.ended_ms is None}
    return tuple(one for one in after.firing if one.ended_ms is None and one.key not in open_before)


def _ended(before: Watched, after: Watched) -> tuple[Firing, ...]:
    still = {one.key for one in after.firing if one.ended_ms is None}
    return tuple(one for one in before.firing if one.ended_ms is None and one.key not in still)
