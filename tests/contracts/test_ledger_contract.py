"""What every ledger promises to a controller: one writer per environment, nothing lost, nothing twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.drivers.simulated.ledger import SimulatedLedger
from golive.errors import Exit, Failure
from golive.evidence.chain import START, verify_chain
from golive.evidence.ledger import HeadMoved, Holder, Ledger
from golive.evidence.record import Actor, Draft

NOON = datetime(2026, 1, 2, 12, 3, 11, tzinfo=UTC)
ANN = Holder(actor="ann", where="pid 4711 on build-7", since=NOON)
BOB = Holder(actor="bob", where="pid 12 on laptop", since=NOON + timedelta(minutes=1))

Opened = Callable[[], Ledger]  # each call is another process's view of the same ledger


@pytest.fixture(params=["sqlite", "simulated"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    if request.param == "simulated":
        shared = SimulatedLedger()
        return lambda: shared
    return lambda: SqliteLedger(tmp_path / ".golive", tmp_path / "evidence")


def draft(number: int, **fields: object) -> Draft:
    plain: dict[str, object] = {
        "id": f"id-{number}",
        "at": NOON + timedelta(seconds=number),
        "mono_ns": number,
        "boot": "boot-1",
        "type": "note",
        "environment": "production",
        "rollout": "web-42",
        "actor": Actor(id="ann"),
    }
    return Draft(**(plain | fields))  # type: ignore[arg-type]


def newest(ledger: Ledger, environment: str = "production") -> int:
    return max((record.seq for record in ledger.read(environment)), default=0)


def test_an_empty_ledger_has_no_records_and_the_first_head(opened: Opened) -> None:
    assert (list(opened().read()), opened().head()) == ([], START)


def test_what_was_appended_is_read_by_everybody_as_it_was_returned(opened: Opened) -> None:
    ledger = opened()
    first = ledger.append(draft(1, body={"text": "é"}))
    second = ledger.append(draft(2, cause=(first.seq,), result="ok"))
    assert list(ledger.read()) == list(opened().read()) == [first, second]
    assert opened().head() == ledger.head()
    assert (ledger.head().seq, ledger.head().digest) == (second.seq, second.digest)
    assert (first.seq, second.seq, second.prev) == (1, 2, first.digest)


def test_records_are_read_by_environment_and_from_a_number_on(opened: Opened) -> None:
    ledger = opened()
    for number, environment in enumerate(["staging", "production", "staging", "production"], 1):
        ledger.append(draft(number, environment=environment))
    for reader in (ledger, opened()):
        assert [r.seq for r in reader.read("staging")] == [1, 3]
        assert [r.seq for r in reader.read("production", after=2)] == [4]
        assert [r.seq for r in reader.read(after=1)] == [2, 3, 4]
        assert not reader.read("nowhere")


def test_a_record_that_only_mentions_an_environment_is_not_its_record(opened: Opened) -> None:
    ledger = opened()
    ledger.append(draft(1, environment="staging", body={"env": "production"}))
    assert not ledger.read("production")
    assert not opened().read("production")


def test_appending_the_same_id_again_returns_the_record_that_is_there(opened: Opened) -> None:
    ledger = opened()
    first = ledger.append(draft(1), parent=newest(ledger))
    ledger.append(draft(2))
    assert ledger.append(draft(1), parent=0) == first
    assert len(ledger.read()) == 2


def test_a_draft_made_from_an_outdated_reading_is_refused(opened: Opened) -> None:
    ledger, other = opened(), opened()
    seen = newest(ledger)
    abort = other.append(draft(1, type="abort.requested"))
    with pytest.raises(HeadMoved):
        ledger.append(draft(2), parent=seen)
    assert ledger.append(draft(3), parent=abort.seq).seq == abort.seq + 1


def test_other_environments_do_not_move_the_head_of_this_one(opened: Opened) -> None:
    ledger = opened()
    own = ledger.append(draft(1))
    ledger.append(draft(2, environment="staging"))
    assert ledger.append(draft(3), parent=own.seq).seq == newest(ledger)
    assert ledger.append(draft(4, environment="fresh"), parent=0)


def test_a_second_controller_is_refused_with_who_and_since_when(opened: Opened) -> None:
    ledger, other = opened(), opened()
    ledger.take("production", ANN)
    with pytest.raises(Failure) as refused:
        other.take("production", BOB)
    said = " ".join(refused.value.lines())
    assert refused.value.code == Exit.REFUSED
    assert all(part in said for part in ("production", "ann", "pid 4711 on build-7", "12:03:11"))
    assert "golive status" in refused.value.next
    assert "golive abort --env production" in refused.value.next


def test_each_environment_has_its_own_lease(opened: Opened) -> None:
    ledger, other = opened(), opened()
    ledger.take("production", ANN)
    assert other.take("staging", BOB).environment == "staging"


def test_the_epoch_rises_with_every_lease(opened: Opened) -> None:
    ledger, other = opened(), opened()
    epochs = []
    for holder in (ANN, BOB, ANN):
        lease = ledger.take("production", holder)
        epochs.append(lease.epoch)
        ledger.append(draft(len(epochs), epoch=lease.epoch), lease=lease)
        ledger.release(lease)
        ledger, other = other, ledger
    assert epochs == sorted(set(epochs))
    assert epochs[0] > 0


def test_releasing_twice_is_fine_and_takes_nothing_from_the_next_holder(opened: Opened) -> None:
    ledger, other = opened(), opened()
    lease = ledger.take("production", ANN)
    ledger.release(lease)
    other.take("production", BOB)
    ledger.release(lease)
    with pytest.raises(Failure):
        ledger.take("production", ANN)


def test_a_controller_that_was_replaced_can_no_longer_append(opened: Opened) -> None:
    ledger, other = opened(), opened()
    replaced = ledger.take("production", ANN)
    ledger.release(replaced)
    lease = other.take("production", BOB)
    with pytest.raises(Failure) as refused:
        ledger.append(draft(1, epoch=replaced.epoch), lease=replaced)
    assert refused.value.code == Exit.REFUSED
    assert other.append(draft(1, epoch=lease.epoch), lease=lease).draft.epoch == lease.epoch


def test_an_abort_is_appended_and_read_while_somebody_else_holds_the_lease(opened: Opened) -> None:
    ledger, other = opened(), opened()
    lease = ledger.take("production", ANN)
    ledger.append(draft(1, epoch=lease.epoch), lease=lease)
    abort = other.append(draft(2, type="abort.requested"))
    assert ledger.read("production")[-1] == other.read("production")[-1] == abort
    ledger.append(draft(3, epoch=lease.epoch), lease=lease)


def test_the_log_holds_its_own_rules(opened: Opened) -> None:
    ledger, other = opened(), opened()
    for number in range(1, 40, 4):
        lease = ledger.take("production", ANN)
        began = ledger.append(draft(number, type="step.began", epoch=lease.epoch), lease=lease)
        other.append(draft(number + 1, type="abort.requested"))
        other.append(draft(number + 2, environment="staging"))
        ledger.append(draft(number + 3, type="step.ended", epoch=lease.epoch, cause=(began.seq,)), lease=lease)
        ledger.release(lease)
    assert verify_chain(record.line.encode() for record in opened().read()) == opened().head()
