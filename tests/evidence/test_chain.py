"""What holds in every log, and that the first line that breaks it is named."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.errors import Exit, Failure
from golive.evidence.canonical import seal
from golive.evidence.chain import START, follow, placed, verify_chain
from golive.evidence.record import Draft
from golive.evidence.shape import digest_of
from record_drafts import NOON, draft, lines, log


def refused(drafts: list[Draft]) -> Failure:
    with pytest.raises(Failure) as fault:
        verify_chain(lines(log(*drafts)), "records.jsonl")
    assert fault.value.code == Exit.TAMPERED
    return fault.value


def began(number: int, **fields: object) -> Draft:
    return draft(number, type="step.began", **fields)


def ended(number: int, *cause: int, **fields: object) -> Draft:
    return draft(number, type="step.ended", cause=cause, result="ok", **fields)


def test_an_empty_log_has_the_head_that_the_first_record_names() -> None:
    assert verify_chain([]) == START
    assert log(draft())[0].prev == START.digest


def test_the_head_is_the_newest_record() -> None:
    records = log(draft(1), draft(2))
    head = verify_chain(lines(records))
    assert (head.seq, head.digest) == (2, digest_of(records[1].line.encode()))
    assert list(follow(lines(records))) == records


@settings(deadline=None)
@given(st.lists(st.sampled_from(["note", "rollout.wanted"]), max_size=8), st.data())
def test_a_line_left_out_moved_or_repeated_is_found_where_it_is(types: list[str], data: st.DataObject) -> None:
    whole = lines(log(*(draft(n, type=kind) for n, kind in enumerate(["note", *types, "note"], 1))))
    place = data.draw(st.integers(0, len(whole) - 2))
    for broken in (
        whole[:place] + whole[place + 1 :],
        [*whole[: place + 1], *whole[place:]],
        [*whole[:place], whole[place + 1], whole[place], *whole[place + 2 :]],
    ):
        with pytest.raises(Failure) as fault:
            verify_chain(broken)
        assert fault.value.where in (f"records.jsonl:{place + 1}", f"records.jsonl:{place + 2}")


def test_a_line_written_anew_is_found_at_the_line_after_it() -> None:
    records = lines(log(draft(1), draft(2), draft(3)))
    records[1] = lines(log(draft(1), draft(2, body={"forged": True})))[1]
    with pytest.raises(Failure, match=r"records\.jsonl:3"):
        verify_chain(records)


def test_a_number_left_out_is_found_even_when_the_chain_was_mended() -> None:
    first = log(draft(1))[0]
    third = seal(draft(3), seq=3, prev=first.digest)
    with pytest.raises(Failure, match="record 3 follows record 1"):
        verify_chain(lines([first, third]))


def test_a_log_that_was_cut_at_the_end_is_a_valid_shorter_log() -> None:
    """A chain alone cannot show this: a head that somebody kept does (`golive evidence verify --pin`)."""
    records = lines(log(draft(1), draft(2), draft(3)))
    assert verify_chain(records[:2]).seq == 2


@pytest.mark.parametrize(
    ("drafts", "line", "what"),
    [
        ([draft(5), draft(4, mono_ns=10**12)], 2, "ts falls"),
        ([draft(5), draft(6, mono_ns=4_999_999_999)], 2, "mono_ns falls"),
        ([draft(1, epoch=2), draft(2, epoch=1)], 2, "epoch 1 after 2"),
        ([draft(1, epoch=2), draft(2, epoch=0), draft(3, epoch=1)], 3, "epoch 1 after 2"),
        ([draft(1, epoch=2), draft(2, epoch=2, type="lease.taken")], 2, "a lease with epoch 2 after 2"),
        ([draft(1, type="lease.taken")], 1, "a lease with epoch 0"),
        ([ended(1)], 1, "without an open intent"),
        ([draft(1), ended(2, 1)], 2, "without an open intent"),
        ([began(1), ended(2)], 2, "without an open intent"),
        ([began(1), ended(2, 1), ended(3, 1)], 3, "without an open intent"),
        ([began(1, environment="staging"), ended(2, 1)], 2, "without an open intent"),
    ],
)
def test_the_first_record_that_breaks_a_rule_is_named(drafts: list[Draft], line: int, what: str) -> None:
    fault = refused([*drafts, draft(9, at=NOON)])
    assert fault.where == f"records.jsonl:{line}"
    assert what in fault.what


@pytest.mark.parametrize(
    "drafts",
    [
        [draft(1), draft(1, id="b")],
        [draft(5), draft(6, boot="boot-2", mono_ns=1)],
        [draft(1, epoch=2), draft(2, epoch=1, environment="staging")],
        [draft(1, epoch=2), draft(2), draft(3, epoch=2)],
        [draft(1, type="lease.taken", epoch=1), draft(2, type="lease.taken", epoch=2)],
        [began(1), began(2, environment="staging"), ended(3, 2, environment="staging"), ended(4, 1)],
        [began(1), draft(2, type="abort.requested"), ended(3, 2, 1)],
        [began(1)],
    ],
)
def test_what_a_controller_may_cause_is_accepted(drafts: list[Draft]) -> None:
    assert verify_chain(lines(log(*drafts))).seq == len(drafts)


def test_a_clock_that_was_set_back_stands_still_in_the_log() -> None:
    last = log(draft(100))[0]
    late = placed(draft(3), last)
    assert (late.at, late.mono_ns) == (last.draft.at, last.draft.mono_ns)
    assert placed(draft(3, boot="boot-2"), last).mono_ns == 3_000_000_000, "another boot counts anew"
    assert placed(draft(101), last) == draft(101)
    assert placed(draft(3), None) == draft(3)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 5), st.sampled_from("ab")), max_size=10))
def test_drafts_that_were_placed_always_make_a_valid_log(moves: list[tuple[int, int, str]]) -> None:
    drafts: list[Draft] = []
    for number, (at, mono, boot) in enumerate(moves):
        one = draft(number, at=NOON + timedelta(seconds=at), mono_ns=mono, boot=boot)
        drafts.append(placed(one, log(*drafts)[-1] if drafts else None))
    assert verify_chain(lines(log(*drafts))).seq == len(moves)
