"""Counting what becomes of requests in one generator, until its parent has been told. Times are arguments."""

from datetime import UTC, datetime
from typing import Any

from golive.judge.performance.histogram import bucket_of
from golive.judge.performance.measured import ANSWERED, FIRST_FAILING_CODE

MOST_FAILURES = 100
MOST_REVISIONS = 64
MOST_CAUSES = 200


class Tally:
    """What has happened since the last `take`, and the extremes of the whole load."""

    def __init__(self, names: int) -> None:
        self._names = names
        self._shown = 0
        self.most_us = 0
        self.most_late_us = 0
        self._clear()

    def _clear(self) -> None:
        # interval and name in one number → codes, causes, latency
        self._cells: dict[int, tuple[dict[int, int], dict[str, int], dict[int, int]]] = {}
        self._late: dict[int, dict[int, int]] = {}
        self._followed: dict[int, int] = {}
        self._revisions: dict[str, int] = {}
        self._failures: list[dict[str, str]] = []
        self.sent = self.held = self.reconnected = self.received = 0

    def send(self, interval: int, late_ns: int) -> None:
        """A request of this interval was due `late_ns` ago and is sent now."""
        self.sent += 1
        late_us = late_ns // 1000
        if late_us > self.most_late_us:
            self.most_late_us = late_us
        late = self._late.get(interval)
        if late is None:
            late = self._late[interval] = {}
        bucket = bucket_of(late_us)
        late[bucket] = late.get(bucket, 0) + 1

    def follow(self, interval: int) -> None:
        """A request that follows from an answer has become due in this interval."""
        self._followed[interval] = self._followed.get(interval, 0) + 1

    def answer(self, interval: int, name: int, code: int, took_us: int, revision: str) -> None:
        """A whole answer came `took_us` after its request was due."""
        codes, _, latency = self._cell(interval, name)
        codes[code] = codes.get(code, 0) + 1
        self._took(latency, took_us)
        if revision and (revision in self._revisions or len(self._revisions) < MOST_REVISIONS):
            self._revisions[revision] = self._revisions.get(revision, 0) + 1

    def fail(self, interval: int, name: int, cause: str, detail: str, at: float) -> None:
        """A request failed; `at` is POSIX time. Of its latency only a timeout says something."""
        _, causes, _ = self._cell(interval, name)
        if cause not in causes and len(causes) >= MOST_CAUSES:
            cause = "other causes"
        causes[cause] = causes.get(cause, 0) + 1
        if self._shown < MOST_FAILURES:
            self._shown += 1
            time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
            self._failures.append({"at": time, "cause": cause, "detail": detail})

    def unexpected(self, interval: int, name: int, code: int, detail: str, at: float) -> None:
        """An answer that is counted already has not the code that was expected."""
        self.fail(interval, name, f"{ANSWERED}{code}", detail, at)

    def time_out(self, interval: int, name: int, cause: str, took_us: int, detail: str, at: float) -> None:
        """No whole answer came in time; that long is its latency."""
        _, _, latency = self._cell(interval, name)
        self._took(latency, took_us)
        self.fail(interval, name, cause, detail, at)

    def take(self) -> dict[str, Any]:
        """Everything since the last call, for JSON; it is forgotten here."""
        told = {
            "cells": [[*divmod(key, self._names), *cell] for key, cell in self._cells.items()],
            "late": self._late,
            "followed": self._followed,
            "revisions": self._revisions,
            "failures": self._failures,
            "sent": self.sent,
            "held": self.held,
            "reconnected": self.reconnected,
            "received": self.received,
            "most_us": self.most_us,
            "most_late_us": self.most_late_us,
        }
        self._clear()
        return told

    def _cell(self, interval: int, name: int) -> tuple[dict[int, int], dict[str, int], dict[int, int]]:
        key = interval * self._names + name
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = ({}, {}, {})
        return cell

    def _took(self, latency: dict[int, int], took_us: int) -> None:
        if took_us > self.most_us:
            self.most_us = took_us
        bucket = bucket_of(took_us)
        latency[bucket] = latency.get(bucket, 0) + 1


def is_expected(code: int, codes: tuple[int, ...]) -> bool:
    """Whether an answer with this code is what the scenario wants; without codes every one below 400 is."""
    return code in codes if codes else code < FIRST_FAILING_CODE
