"""Running a protocol: the order, what is recorded, what stops it, and taking it up again after any crash."""

import asyncio
import contextlib
import hashlib
import itertools
from dataclasses import replace

import pytest

from golive.controller.desk import Desk
from golive.controller.following import may_repeat
from golive.controller.protocols import answer, keep_checklist, run, trust
from golive.controller.stage import Stage
from golive.drivers.artifacts import ArtifactStore
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.drivers.simulated.clock import SimulatedClock
from golive.drivers.simulated.directives import SimulatedDirectives
from golive.drivers.simulated.world import World
from golive.errors import Exit, Failure
from golive.evidence.claim import Proof, Verdict
from golive.evidence.record import Actor
from golive.evidence.redaction import Redactor
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.verdict import Judged
from golive.protocol.parse import parse
from golive.protocol.plan import Known, plan
from golive.protocol.run import Answer, newest

DOCUMENT = b"""# PROTOCOL 6: OPERATIONS

## 2. PREREQUISITES
- The audit has passed
{SCRIPT: scripts/look.sh --phase 6}

## 3. EXECUTION STEPS

### STEP 1: DEPLOY
1. Verify health checks and smoke tests.
{SCRIPT: scripts/stage.sh --env staging}
{SCRIPT: scripts/live.sh --env production --if-approved}

### STEP 2: TIDY (OPTIONAL)
{SCRIPT: scripts/tidy.sh}

### STEP 3: QUALITY GATE
1. Confirm stakeholders sign off.
{SCRIPT: scripts/gate.sh}
"""
EFFECTS = {
    "scripts/look.sh": "reads",
    "scripts/stage.sh": "changes-staging",
    "scripts/live.sh": "changes-production",
    "scripts/tidy.sh": "writes-evidence",
    "scripts/gate.sh": "reads",
}
ALL_WELL = dict.fromkeys(EFFECTS, 0)
PLAN = plan(
    parse(DOCUMENT), hashlib.sha256(DOCUMENT).hexdigest(), lambda d: Known(effect=EFFECTS.get(d.script, "unknown"))
)
EVERY = ["look", "stage", "live", "tidy", "gate"]


def judged(claim, word):
    proof = Proof(
        claim=claim,
        environment="production",
        answer="proven",
        because="seen",
        control="red",
        inputs={},
        at=SimulatedClock(World(), itertools.count()).now(),
        seq=1,
    )
    return Judged(claim=CLAIMS[claim], verdict=Verdict(word), because="seen", proof=proof, next="")


class Team:
    """A desk, scripts that end as they are told to, claims that are what they are told to be, a person."""

    def __init__(self, folder, **codes):
        self.folder, self.world = folder, World()
        self.directives = SimulatedDirectives(
            scripts={**ALL_WELL, **{f"scripts/{k}.sh": v for k, v in codes.items()}}
        )
        self.claims = {}
        self.says = Answer(word="attested", because="seen to it", by="ann", role="lead")
        self.asked, self.told = [], []
        self.clock = SimulatedClock(self.world, itertools.count())
        self.open()
        trust(self.desk, PLAN.digest, "p.md")

    def open(self):
        ledger = SqliteLedger(self.folder / ".golive", self.folder / "evidence")
        store = ArtifactStore(self.folder / "evidence", Redactor({}))
        self.desk = Desk(ledger=ledger, artifacts=store, clock=self.clock, actor=Actor(id="carl"), owns_log=True)

    async def judge(self, claims):
        return {claim: judged(claim, self.claims.get(claim, "proven")) for claim in claims}

    def ask(self, part, question):
        self.asked.append(question.key)
        return self.says

    def follow(self, again=False, plan=PLAN, **more):
        stage = Stage(
            desk=self.desk,
            directives=self.directives,
            judge=self.judge,
            ask=self.ask,
            watch=self.told.append,
            again=again,
        )
        return asyncio.run(run(plan, stage, name="p.md", **more))

    @property
    def did(self):
        return [argv[0].removeprefix("scripts/").removesuffix(".sh") for argv in self.directives.performed]

    @property
    def types(self):
        return [record.draft.type for record in self.desk.records()]


@pytest.fixture
def team(tmp_path):
    return Team(tmp_path)


def test_everything_is_done_in_the_order_of_the_file_and_recorded_before_and_after(team):
    stop = team.follow()
    assert (stop.outcome, stop.open) == ("completed", ())
    assert team.did == EVERY
    bare = [kind.removeprefix("protocol.") for kind in team.types]
    assert bare[:5] == ["trusted", "began", "command.began", "command.ended", "answered"]
    assert bare[-1] == "ended"
    assert stop.run.ran["line 12"].argv == ("scripts/live.sh", "--env", "production", "--if-approved")
    kept = [file.path for ran in stop.run.ran.values() for file in ran.files]
    assert len(kept) == 2 * len(EVERY)
    assert all((team.folder / "evidence" / path).exists() for path in kept)


def test_what_nobody_trusts_is_not_run(team):
    other = replace(PLAN, digest="0" * 64)
    with pytest.raises(Failure) as refused:
        team.follow(plan=other)
    assert refused.value.code == Exit.REFUSED
    trust(team.desk, PLAN.digest, "p.md", is_trusted=False)
    with pytest.raises(Failure, match="not trusted"):
        team.follow()
    assert team.did == []


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(1, "halted"), (2, "halted"), (5, "halted"), (None, "halted"), (3, "waiting"), (4, "refused")],
)
def test_a_command_that_does_not_end_well_stops_it_and_what_follows_is_not_run(tmp_path, code, outcome):
    team = Team(tmp_path, stage=code)
    stop = team.follow()
    assert (stop.outcome, team.did) == (outcome, ["look", "stage"])
    assert stop.where == "line 11: scripts/stage.sh --env staging"


def test_taken_up_again_it_goes_on_where_it_stopped(tmp_path):
    team = Team(tmp_path, live=3)
    assert team.follow().outcome == "waiting"
    team.directives.scripts = ALL_WELL
    assert team.follow().outcome == "completed"
    assert team.did == ["look", "stage", "live", "live", "tidy", "gate"]


def test_a_finished_run_is_followed_by_a_new_one(team):
    first, second = team.follow(), team.follow()
    assert first.run.id != second.run.id
    assert team.did == EVERY * 2


def test_a_script_that_cannot_be_run_halts_it(tmp_path):
    team = Team(tmp_path)
    team.directives.scripts = {"scripts/look.sh": 0}
    stop = team.follow()
    assert (stop.outcome, team.did) == ("halted", ["look"])
    assert "No such file" in stop.because


def test_a_refuted_claim_halts_and_an_unproven_one_waits_for_a_person(team):
    team.says = None
    team.claims = {"smoke-passed": "refuted"}
    stop = team.follow()
    assert stop.outcome == "waiting"  # nobody is there to say that the audit has passed
    team.says = Answer(word="attested", because="yes", by="ann", role="lead")
    stop = team.follow()
    assert (stop.outcome, stop.where, team.did) == ("halted", "line 10", ["look", "stage", "live"])
    team.claims = {"smoke-passed": "unproven"}
    team.says = None
    stop = team.follow()
    assert (stop.outcome, stop.open) == ("waiting", ("line 10",))
    team.claims = {"smoke-passed": "waived"}
    stop = team.follow()
    assert stop.run.answers["line 10"].word == "waived"
    assert stop.open == ("line 14",)  # does the optional step apply?


def test_what_is_proven_is_judged_again_and_what_a_person_said_stands(tmp_path):
    team = Team(tmp_path, gate=3)
    team.follow()
    team.asked.clear()
    team.claims = {"deployed": "refuted"}
    stop = team.follow()
    assert (stop.outcome, stop.where, team.asked) == ("halted", "line 10", [])


def test_the_claims_of_a_gate_are_judged_before_its_commands(team):
    team.claims = {"signed-off": "refuted"}
    stop = team.follow()
    assert (stop.outcome, stop.where) == ("halted", "line 18")
    assert "gate" not in team.did


def test_a_conditional_step_is_skipped_by_somebodys_word(team):
    class Skips(Team):
        def ask(self, part, question):
            word = "skipped" if question.key == part.key else "attested"
            return Answer(word=word, because="nothing to tidy", by="ann", role="lead")

    team.__class__ = Skips
    stop = team.follow()
    assert (stop.outcome, team.did) == ("completed", ["look", "stage", "live", "gate"])
    found = keep_checklist(team.desk, PLAN, stop)
    (skipped,) = [line for line in found.lines if line.word == "skipped"]
    assert (skipped.text, skipped.because, skipped.by) == ("scripts/tidy.sh", "nothing to tidy", "ann as lead")


def test_a_halt_is_answered_before_anything_of_its_step_is_run(team):
    text = DOCUMENT.replace(
        b"1. Verify health checks and smoke tests.\n",
        b"1. **[MUST]** Look.\n   * **Halt condition:** somebody says Go\n",
    )
    halting = plan(parse(text), PLAN.digest, lambda d: Known(effect=EFFECTS[d.script]))
    answers = {"line 4": team.says}
    team.ask = lambda part, question: answers.get(question.key)
    stop = team.follow(plan=halting)
    assert (stop.outcome, stop.open, team.did) == ("waiting", ("line 10",), ["look"])
    assert "somebody says Go" in stop.because
    answer(team.desk, halting, "line 10", word="attested", role="lead", note="Go")
    assert team.follow(plan=halting).where.startswith("step 2")
    assert team.did == ["look", "stage", "live"]


def test_from_and_only_leave_the_rest_open(team):
    stop = team.follow(only="3")
    assert (stop.outcome, team.did) == ("completed", ["gate"])
    assert stop.open
    assert not stop.run.ended
    assert team.follow(start="2").run.id == stop.run.id
    assert team.did == ["gate", "tidy"]
    with pytest.raises(Failure, match="no such step"):
        team.follow(only="9")


def test_a_person_answers_from_elsewhere(team):
    team.says = None
    assert team.follow().open == ("line 4",)
    answer(team.desk, PLAN, "line 4", word="attested", role="lead", note="audit of November")
    assert team.follow().open == ("line 14",)
    said = newest(team.desk.records(), PLAN.digest).answers["line 4"]
    assert (said.word, said.by, said.role) == ("attested", "carl", "lead")
    with pytest.raises(Failure, match="no such question"):
        answer(team.desk, PLAN, "line 99", word="attested", role="lead", note="x")
    with pytest.raises(Failure, match="credential"):
        answer(team.desk, PLAN, "line 14", word="skipped", role="lead", note="token ghp_" + "a" * 36)


def test_a_credential_in_a_command_or_an_answer_is_refused_before_it_is_recorded(team):
    text = DOCUMENT.replace(b"scripts/tidy.sh", b"scripts/tidy.sh --token ghp_" + b"a" * 36)
    telling = plan(parse(text), PLAN.digest, lambda d: Known(effect="reads"))
    with pytest.raises(Failure, match="credential"):
        team.follow(plan=telling)
    assert team.did == []
    team.says = Answer(word="attested", because="ghp_" + "a" * 36, by="ann", role="lead")
    with pytest.raises(Failure, match="credential"):
        team.follow()
    assert not any("ghp_" in record.line for record in team.desk.records())


def test_a_document_that_is_no_text_is_followed_and_its_checklist_kept(team):
    odd = plan(parse(DOCUMENT.replace(b"audit", b"a\xffudit")), PLAN.digest, lambda d: Known(effect="reads"))
    found = keep_checklist(team.desk, odd, team.follow(plan=odd))
    assert found.outcome == "completed"
    assert list((team.folder / "evidence").rglob("checklist.html"))


class Died(BaseException):
    """What kill -9 looks like from inside."""


def dying_at(team, number, patch):
    """The n-th time that something is written or done, the process is gone: before it, or right after it."""
    count = itertools.count()

    def wrapped(real):
        def call(*words, **more):
            if next(count) == number:
                raise Died
            done = real(*words, **more)
            if next(count) == number:
                raise Died
            return done

        return call

    async def performs(self, argv, real=SimulatedDirectives.perform):
        if next(count) == number:
            raise Died
        done = await real(self, argv)
        if next(count) == number:
            raise Died
        return done

    patch.setattr(SqliteLedger, "append", wrapped(SqliteLedger.append))
    patch.setattr(ArtifactStore, "keep", wrapped(ArtifactStore.keep))
    patch.setattr(SimulatedDirectives, "perform", performs)
    return count


def test_killed_anywhere_no_command_that_finished_is_run_twice_and_an_interrupted_one_is_asked_about(tmp_path):
    points = asks = 0
    for number in range(500):
        team = Team(tmp_path / str(number))
        with pytest.MonkeyPatch.context() as patch:
            count = dying_at(team, number, patch)
            with contextlib.suppress(Died):
                team.follow()
            survived = next(count) <= number
        if survived:
            break
        points += 1
        team.desk.ledger.close()
        team.open()
        before = newest(team.desk.records(), PLAN.digest)
        finished = {ran.argv[0] for ran in before.ran.values() if ran.ended == "done"} if before else set()
        cut = [ran.argv[0] for ran in before.ran.values() if ran.ended == "interrupted"] if before else []
        done_before = list(team.directives.performed)
        stop = team.follow()
        since = team.directives.performed[len(done_before) :]
        if not (before and before.ended):
            assert not finished & {argv[0] for argv in since}
        if cut and EFFECTS[cut[0]].startswith("changes"):
            asks += 1
            assert stop.outcome == "waiting"
            assert "interrupted" in stop.because
            assert cut[0] not in [argv[0] for argv in since]
            stop = team.follow(again=True)
        assert stop.outcome == "completed"
        final = newest(team.desk.records(), PLAN.digest)
        assert {ran.ended for ran in final.ran.values()} == {"done"}
        assert set(EVERY) <= set(team.did)
    assert points > 40, "this swept over nothing"
    assert asks >= 8


def test_an_interrupted_dry_run_is_repeated_unasked():
    command = PLAN.commands[2]
    rehearsal = replace(command, directive=replace(command.directive, argv=("scripts/live.sh", "--dry-run")))
    stage = Stage(desk=None, directives=None, judge=None, ask=None, watch=None)
    assert not may_repeat(command, stage)
    assert may_repeat(rehearsal, stage)
    assert may_repeat(command, replace(stage, again=True))
