"""Changing a task with a ledger and a gate; and a crash leaves what the next change explains."""

import dataclasses
import json
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

from golive.controller.desk import Desk
from golive.controller.tasks import Wish, set_state
from golive.drivers.simulated.clock import SimulatedClock
from golive.drivers.simulated.edges import SimulatedArtifacts
from golive.drivers.simulated.ledger import SimulatedLedger
from golive.drivers.simulated.world import World
from golive.errors import Failure
from golive.evidence.claim import Verdict
from golive.evidence.record import Actor
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.verdict import Judged
from golive.gate.decision import GateDecision

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TASKS = b'[{"id": "operations", "state": "in_progress"}, {"id": "b", "state": "in_progress"}]'


class Died(BaseException):
    """The controller dies here: nothing after this happens."""


class MemoryFile:
    """A task file in memory; `dies` says before or after which act."""

    name = "plans/tasks.json"

    def __init__(self, content: bytes = TASKS) -> None:
        self.content, self.dies, self.writes = content, "", 0

    def read(self) -> bytes:
        return self.content

    def alone(self):
        return nullcontext()

    def replace(self, before: bytes, after: bytes) -> None:
        if self.dies == "before":
            raise Died
        if before != self.content or self.dies == "meanwhile":
            raise Failure(where=self.name, what="somebody changed it meanwhile")
        self.content, self.writes = after, self.writes + 1
        if self.dies == "after":
            raise Died


@pytest.fixture
def desk() -> Desk:
    return Desk(
        ledger=SimulatedLedger(),
        artifacts=SimulatedArtifacts(),
        clock=SimulatedClock(World(), iter(range(1000))),
        actor=Actor(id="ann"),
        owns_log=True,
    )


@pytest.fixture
def file() -> MemoryFile:
    return MemoryFile()


def wish(task: str = "b", state: str = "completed", id: str = "change-1", **more) -> Wish:
    return Wish(task=task, state=state, actor=Actor(id="ann"), at=NOON, id=id, **more)


def gate(verdict: Verdict):
    claim = next(iter(CLAIMS.values()))
    judged = (Judged(claim=claim, verdict=verdict, because="it was looked at", proof=None, next="look"),)
    decision = GateDecision(service="shop", environment="production", phase="operations", judged=judged, at=NOON)
    return lambda: (decision, 1 if decision.passed else 0)


def never():
    raise AssertionError("the gate is not asked for this task")


def records(desk: Desk) -> list[tuple[str, str]]:
    return [(r.draft.type, r.draft.result) for r in desk.records()]


def test_a_change_is_recorded_before_and_after_and_told_in_the_history(desk, file):
    done = set_state(file, wish(note="all shops moved", evidence=(("a.txt", "ab"),)), desk=desk, ask=never)
    assert done.written
    assert records(desk) == [("task.changing", ""), ("task.changed", "ok")]
    (said,) = json.loads(file.content)[1]["history"]
    assert said == {
        "event": "state-changed",
        "from": "in_progress",
        "to": "completed",
        "at": "2026-01-02T12:00:00Z",
        "actor": "ann",
        "record": "change-1",
        "note": "all shops moved",
        "evidence": [{"path": "a.txt", "sha256": "ab"}],
    }
    intent, outcome = desk.records()
    assert outcome.draft.cause == (intent.seq,)
    assert intent.draft.body["change"] == said["record"]


def test_operations_is_completed_only_through_the_gate(desk, file):
    for verdict in (Verdict.REFUTED, Verdict.UNPROVEN, Verdict.STALE):
        done = set_state(file, wish("operations"), desk=desk, ask=gate(verdict))
        assert done.is_refused
        assert not done.written
    assert (file.content, records(desk)) == (TASKS, [])
    decided = desk.journal("production").append("gate.decided", result="ok")
    done = set_state(file, wish("operations"), desk=desk, ask=gate(Verdict.PROVEN))
    assert done.written
    assert json.loads(file.content)[0]["history"][0]["cause"] == "gate passed, record 1"
    assert desk.records()[1].draft.cause == (decided.seq,)


def test_whoever_says_operations_is_asked_for_the_gate_whatever_the_task_is_called(desk):
    file = MemoryFile(b'[{"id": "7", "area": "operations", "state": "in_progress"}]')
    done = set_state(file, wish("operations"), desk=desk, ask=gate(Verdict.UNPROVEN))
    assert (done.is_refused, done.written) == (True, False)


def test_the_gate_is_asked_for_nothing_else(desk, file):
    assert set_state(file, wish("operations", "blocked"), desk=desk, ask=never).written
    assert set_state(file, wish("b"), desk=desk, ask=never).written


def test_a_word_in_the_file_is_no_authorisation(desk):
    """Somebody wrote `completed` by hand: repeating it is no way round the gate."""
    file = MemoryFile(TASKS.replace(b'"in_progress"', b'"completed"', 1))
    done = set_state(file, wish("operations"), desk=desk, ask=gate(Verdict.UNPROVEN))
    assert done.is_refused
    assert (done.before, done.written) == ("completed", False)


def test_the_same_state_again_changes_nothing(desk, file):
    set_state(file, wish(), desk=desk, ask=never)
    before = file.content, records(desk)
    done = set_state(file, wish(id="change-2"), desk=desk, ask=never)
    assert (done.written, done.before, done.after) == (False, "completed", "completed")
    assert (file.content, records(desk)) == before


def test_what_is_illegal_is_not_recorded(desk, file):
    with pytest.raises(Failure, match="cannot follow"):
        set_state(MemoryFile(b'[{"id": "b"}]'), wish(), desk=desk, ask=never)
    assert records(desk) == []


@pytest.mark.parametrize(
    ("dies", "content", "result"),
    [("before", TASKS, "failed"), ("after", None, "ok")],
)
def test_the_next_change_says_how_an_interrupted_one_ended(desk, file, dies, content, result):
    file.dies = dies
    with pytest.raises(Died):
        set_state(file, wish(), desk=desk, ask=never)
    assert records(desk) == [("task.changing", "")]
    if content is not None:
        assert file.content == content
    file.dies = ""
    set_state(file, wish(id="change-2"), desk=desk, ask=never)
    states = [r for r in records(desk) if r[0] == "task.changed"]
    assert states[0] == ("task.changed", result)
    assert file.writes == 1, "done exactly once, whenever it died"
    (said,) = json.loads(file.content)[1]["history"]
    written = [
        r.draft.body["change"] for r in desk.records() if (r.draft.type, r.draft.result) == ("task.changed", "ok")
    ]
    assert written == [said["record"]], "the file and the records name the same change"


def test_a_file_that_somebody_edited_after_the_crash_is_not_guessed_at(desk, file):
    file.dies = "before"
    with pytest.raises(Died):
        set_state(file, wish(), desk=desk, ask=never)
    file.dies, file.content = "", file.content + b"\n"
    set_state(file, wish("operations", "blocked", id="change-2"), desk=desk, ask=never)
    assert ("task.changed", "unknown") in records(desk)


def test_an_intent_is_closed_once_and_only_for_its_own_file(desk, file):
    file.dies = "before"
    with pytest.raises(Died):
        set_state(file, wish(), desk=desk, ask=never)
    other = MemoryFile()
    other.name = "tasks.json"
    set_state(other, wish(id="change-2"), desk=desk, ask=never)
    assert records(desk).count(("task.changed", "failed")) == 0
    file.dies = ""
    for number in (3, 4):
        set_state(file, wish(id=f"change-{number}"), desk=desk, ask=never)
    assert records(desk).count(("task.changed", "failed")) == 1


def test_a_file_that_was_changed_meanwhile_is_a_failure_that_is_recorded(desk, file):
    file.dies = "meanwhile"
    with pytest.raises(Failure, match="meanwhile"):
        set_state(file, wish(), desk=desk, ask=never)
    assert records(desk) == [("task.changing", ""), ("task.changed", "failed")]


def test_a_copy_of_the_records_takes_no_change(desk, file):
    with pytest.raises(Failure, match="it only has a copy"):
        set_state(file, wish(), desk=dataclasses.replace(desk, owns_log=False), ask=never)
    assert file.content == TASKS


def test_without_a_ledger_only_the_file_tells(file):
    assert set_state(file, wish(), desk=None, ask=never).record is None
    assert "record" not in json.loads(file.content)[1]["history"][0]
