"""The past is a fold: what each record means, and what it leaves as it was."""

from datetime import UTC, datetime, timedelta

from golive.evidence.canonical import seal
from golive.evidence.record import Actor, Draft, Record
from golive.judge.verdict import Answer
from golive.release.past import Past, fold
from golive.release.revision import Revision
from golive.release.timing import way_back_ms
from golive.release.wanted import revision_body

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
A, B, C = (Revision(digest=letter * 64) for letter in "abc")


class Scribe:
    """Writes records one after the other, a second apart."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, type: str, rollout: str = "r1", environment: str = "production", **rest) -> int:
        seq = len(self.records) + 1
        draft = Draft(
            id=str(seq),
            at=NOON + timedelta(seconds=seq),
            mono_ns=seq * 10_000_000,
            boot=rest.pop("boot", "b"),
            type=type,
            environment=environment,
            rollout=rollout,
            actor=Actor(id="ann"),
            result=rest.pop("result", ""),
            body=rest,
        )
        prev = self.records[-1].digest if self.records else "0" * 64
        self.records.append(seal(draft, seq=seq, prev=prev))
        return seq

    def settled(self, rollout: str, new: Revision, old: Revision | None, outcome="succeeded", kind="deploy"):
        self.wanted(rollout, new, old, kind)
        self.write("rollout.settled", rollout, outcome=outcome, because="x")

    def wanted(self, rollout: str, new: Revision, old: Revision | None, kind="deploy"):
        body = {"new": revision_body(new), "old": revision_body(old) if old else None, "kind": kind}
        self.write("rollout.wanted", rollout, **body)

    def past(self) -> Past:
        return fold(self.records, "production")


def test_nothing_is_live_before_the_first_success():
    scribe = Scribe()
    assert scribe.past() == Past(environment="production")
    scribe.settled("r1", A, None, outcome="failed_safe")
    assert scribe.past().live is None


def test_other_environments_are_passed_over():
    scribe = Scribe()
    scribe.write("rollout.wanted", environment="staging", new=revision_body(A), old=None, kind="deploy")
    assert scribe.past().head == 0


def test_the_line_grows_with_deploys_and_a_rollback_cuts_it():
    scribe = Scribe()
    scribe.settled("r1", A, None)
    scribe.settled("r2", B, A)
    scribe.settled("r3", C, B, outcome="rolled_back")
    assert scribe.past().line == (A, B)
    scribe.settled("r4", C, B)
    scribe.settled("r5", A, C, kind="rollback")
    assert scribe.past().line == (A,)
    assert scribe.past().live == A


def test_a_revision_that_is_deployed_again_moves_to_the_end():
    scribe = Scribe()
    for rollout, new, old in (("r1", A, None), ("r2", B, A), ("r3", A, B)):
        scribe.settled(rollout, new, old)
    assert scribe.past().line == (B, A)


def test_after_down_nothing_is_live_but_the_line_is_remembered():
    scribe = Scribe()
    scribe.settled("r1", A, None)
    scribe.write("environment.stopped", rollout="")
    assert (scribe.past().live, scribe.past().line) == (None, (A,))


def test_a_failing_answer_turns_the_rollout_and_the_first_reason_counts():
    scribe = Scribe()
    scribe.wanted("r1", B, A)
    scribe.write("step.ended", key="judge 5", result="ok", answer="fail", because="errors")
    scribe.write("abort.requested", because="aborted by ann")
    rollout = scribe.past().rollout
    assert rollout
    assert rollout.turn
    assert rollout.turn.because == "errors"
    assert rollout.passed("judge 5") is None


def test_an_outcome_that_nobody_knows_is_no_pass():
    scribe = Scribe()
    scribe.wanted("r1", B, A)
    began = scribe.write("step.began", key="judge 5")
    assert scribe.past().rollout.open == (began, "judge 5")
    scribe.write("step.ended", key="judge 5", result="unknown", because="died")
    rollout = scribe.past().rollout
    assert rollout.open is None
    assert rollout.passed("judge 5") is None
    scribe.write("step.ended", key="judge 5", result="ok", answer="pass", because="good")
    assert scribe.past().rollout.passed("judge 5").answer is Answer.PASS


def test_records_of_a_rollout_that_settled_change_nothing():
    scribe = Scribe()
    scribe.settled("r1", A, None)
    scribe.write("abort.requested", "r1", because="late")
    assert scribe.past().rollout is None
    assert scribe.past().head == 3


def test_the_way_back_runs_from_the_decision_to_the_shift_that_was_read_back():
    scribe = Scribe()
    scribe.wanted("r1", B, A)
    scribe.write("step.ended", key=f"shift {B.name} 5", result="ok", weight=5, because="")
    scribe.write("step.ended", key="judge 5", result="ok", answer="fail", because="errors")
    scribe.write("step.ended", key=f"shift {B.name} 0", result="failed", because="no")
    scribe.write("step.ended", key=f"shift {B.name} 0", result="ok", weight=0, because="")
    assert way_back_ms(scribe.records, "r1") == 20.0


def test_a_rollout_that_never_went_back_has_no_way_back():
    scribe = Scribe()
    scribe.settled("r1", A, None)
    assert way_back_ms(scribe.records, "r1") is None


def test_a_boot_on_the_way_leaves_no_time_to_tell():
    scribe = Scribe()
    scribe.wanted("r1", A, B, kind="rollback")
    scribe.write("step.ended", key=f"shift {A.name} 100", result="ok", weight=100, because="", boot="c")
    assert way_back_ms(scribe.records, "r1") is None
