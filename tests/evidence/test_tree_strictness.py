"""Lines that the quick way of reading must leave to the close look: the same answer, and never a stack trace."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.errors import Exit, Failure
from golive.evidence.canonical import _plainly_canonical, decode, encode
from record_drafts import draft

PIECES = st.sampled_from(
    [
        *(rb"\ud800", rb"\udfff", rb"\ud83d\ude00", rb"\u00e9", rb"\u0000", rb"\u001F", rb"\/", rb"\b", rb"\x"),
        *(b"-0", b"1e3", b"1.0", b"9007199254740992", b"-9007199254740993", b"NaN", b"Infinity", b"007"),
        *(b" ", b"\t", b"\r", b"\x00", b"\x7f", b'"', b",", b":", b"{}", b"[[]]", b"null", b'"a":1,', b"\xff"),
    ]
)


def line() -> bytes:
    return encode(draft(body={"a": "x", "b": [1, {"c": "y"}], "n": 5}), 2, "ab" * 32)


@pytest.mark.parametrize(
    "text", [rb'{"a":"\ud800"}', rb'"\udfff"', rb'{"\ud800":1}', b"null", b"[]", b"1", b"", b"{"]
)
def test_what_is_no_record_is_refused_as_tampered(text: bytes) -> None:
    with pytest.raises(Failure) as refused:
        decode(text)
    assert refused.value.code == Exit.TAMPERED


@pytest.mark.parametrize(
    "text",
    [b"1.5", b"-0", b"1e3", b"NaN", b"Infinity", b"9007199254740992", b"-9007199254740993", b"[" * 40 + b"]" * 40],
)
def test_a_value_that_no_record_holds_is_refused_in_a_line_of_ascii_too(text: bytes) -> None:
    whole = line()
    assert _plainly_canonical(whole), "this line would be looked at closely anyway"
    assert decode(whole).line.encode() == whole
    with pytest.raises(Failure) as refused:
        decode(whole.replace(b'"n":5', b'"n":' + text))
    assert refused.value.code == Exit.TAMPERED


@given(st.data())
def test_a_line_with_something_planted_is_refused_or_means_itself(planted: st.DataObject) -> None:
    whole = line()
    start = planted.draw(st.integers(0, len(whole)))
    end = planted.draw(st.integers(start, min(len(whole), start + 3)))
    changed = whole[:start] + planted.draw(PIECES) + whole[end:]
    try:
        record = decode(changed)
    except Failure:
        return
    assert encode(record.draft, record.seq, record.prev) == changed


@given(st.data())
def test_what_is_read_quickly_is_what_json_says(planted: st.DataObject) -> None:
    whole = line()
    place = planted.draw(st.integers(0, len(whole)))
    changed = whole[:place] + planted.draw(PIECES) + whole[place:]
    found = _plainly_canonical(changed)
    if found is not None:
        assert found == json.loads(changed)
        assert b"\\u00e9" not in changed
