"""A record has one form in bytes, and only that form is read."""

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.errors import Exit, Failure
from golive.evidence.canonical import DEEPEST, MOST_BYTES, decode, encode, seal
from golive.evidence.record import Actor, Artifact
from golive.evidence.shape import GREATEST_INT, NO_DIGEST, digest_of, read_trusted
from record_drafts import draft

# Characters whose order as UTF-16 differs from their order as code points: beyond the BMP against U+E000…
AWKWARD = st.sampled_from('a"\\\n\x00\x1f\x7f\u00e9e\u0301\u2028\ue000\uffff😀𐀀é ')
TEXT = st.text(st.characters(codec="utf-8") | AWKWARD, max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-GREATEST_INT, GREATEST_INT) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)
BODIES = st.dictionaries(TEXT, JSON, max_size=5)


def one_line(**fields: object) -> bytes:
    return encode(draft(**fields), 1, NO_DIGEST)


def nfc_keys_differ(value: object) -> bool:
    if isinstance(value, dict):
        keys = {unicodedata.normalize("NFC", key) for key in value}
        return len(keys) == len(value) and all(nfc_keys_differ(item) for item in value.values())
    return all(nfc_keys_differ(item) for item in value) if isinstance(value, list) else True


@settings(deadline=None)
@given(BODIES.filter(nfc_keys_differ))
def test_every_record_reads_back_as_it_was_sealed(body: dict) -> None:
    sealed = seal(draft(body=body), seq=1, prev=NO_DIGEST)
    assert decode(sealed.line.encode()) == sealed == read_trusted(sealed.line.encode())
    assert sealed.line.encode() == rfc8785.dumps(json.loads(sealed.line)), "the bytes are RFC 8785's"


def test_every_field_survives() -> None:
    full = draft(
        at=datetime(2026, 3, 4, 5, 6, 7, 891_000, tzinfo=UTC),
        mono_ns=2**60,
        epoch=7,
        actor=Actor(id="golive", kind="system"),
        cause=(1, 3),
        result="failed",
        body={"because": "503 from /", "n": [1, None, True]},
        artifacts=(Artifact(path="operations/a/b.log", sha256="ab" * 32, size_bytes=9, media_type="text/plain"),),
    )
    assert decode(encode(full, 4, "1" * 64)).draft == full


def test_instants_are_utc_with_milliseconds() -> None:
    cet = timezone(timedelta(hours=1))
    sealed = seal(draft(at=datetime(2026, 1, 2, 4, 4, 5, 678_999, tzinfo=cet)), seq=1, prev=NO_DIGEST)
    assert json.loads(sealed.line)["ts"] == "2026-01-02T03:04:05.678Z"
    assert sealed.draft.at == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def test_uptime_of_more_than_104_days_is_recorded_exactly() -> None:
    """Nanoseconds pass 2^53 then, where JSON readers begin to disagree."""
    assert decode(one_line(mono_ns=2**53 + 1)).draft.mono_ns == 2**53 + 1


def test_text_is_brought_to_one_unicode_form() -> None:
    assert one_line(body={"cafe\u0301": "e\u0301"}) == one_line(body={"café": "é"})


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"p99_ms": 1.5}, "p99_ms"),
        ({"deep": {"ratio": float("nan")}}, "deep.ratio"),
        ({"n": 2**53}, "n: 9007199254740992"),
        ({"n": [0, -(2**53)]}, "n[1]"),
        ({"text": "\ud800"}, "text"),
        ({"at": datetime(2026, 1, 1, tzinfo=UTC)}, "at"),
        ({"sets": {"a"}}, "sets"),
        ({3: "x"}, "key 3"),
        ({"é": 1, "e\u0301": 2}, "NFC"),
    ],
)
def test_what_a_record_cannot_hold_is_refused_by_its_place(body: dict, named: str) -> None:
    with pytest.raises(Failure) as refused:
        one_line(body=body)
    assert named in refused.value.why


def test_nesting_has_a_limit_that_reading_and_writing_share() -> None:
    def nested(levels: int) -> dict:
        return {"a": nested(levels - 1)} if levels else {}

    decode(one_line(body=nested(DEEPEST - 1)))
    with pytest.raises(Failure, match="cannot be recorded"):
        one_line(body=nested(DEEPEST))


def test_a_record_too_large_says_to_keep_an_artifact() -> None:
    room = MOST_BYTES - len(one_line(body={"log": ""}))
    assert len(one_line(body={"log": "x" * room})) == MOST_BYTES
    with pytest.raises(Failure) as refused:
        one_line(body={"log": "x" * (room + 1)})
    assert "artifact" in refused.value.next


PLAIN = json.loads(one_line(body={"a": 1, "b": "é"}, cause=()))


def canonical(found: dict) -> bytes:
    return rfc8785.dumps(found)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (canonical(PLAIN | {"extra": 1}), "extra: unknown key"),
        (canonical({k: v for k, v in PLAIN.items() if k != "boot"}), "boot: missing"),
        (canonical(PLAIN).replace(b'"v":1', b'"v":1,"v":1'), "'v' is there twice"),
        (canonical(PLAIN).replace(b'"a":1', b'"a":0,"a":1'), "'a' is there twice"),
        (canonical(PLAIN).replace(b'"a":1', b'"a": 1'), "canonical form"),
        (canonical(PLAIN).replace(b'"a":1', b'"a":1.0'), "whole numbers"),
        (canonical(PLAIN).replace(b'"a":1', b'"a":1e2'), "whole numbers"),
        (canonical(PLAIN).replace(b'"a":1', b'"a":-0'), "canonical form"),
        (canonical(PLAIN).replace(b'"a":1', b'"a":NaN'), "whole numbers"),
        (canonical(PLAIN).replace(b'"a":1', b'"a":-Infinity'), "whole numbers"),
        (canonical(PLAIN).replace(b'"a":1', b'"a":9007199254740992'), "2^53"),
        (canonical(PLAIN).replace(b'"a":1', b'"a":' + b"9" * 5000), ""),
        (canonical(PLAIN).replace("é".encode(), b"\\u00e9"), "canonical form"),
        (canonical(PLAIN).replace("é".encode(), "e\u0301".encode()), "NFC"),
        (canonical(PLAIN).replace("é".encode(), b"\xff"), "utf-8"),
        (canonical(PLAIN).replace("é".encode(), b"\\ud800"), "surrogate"),
        (canonical(PLAIN) + b" ", "canonical form"),
        (b"\xef\xbb\xbf" + canonical(PLAIN), ""),
        (canonical(PLAIN)[:-1], ""),
        (b"", ""),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"[" * 60_000, ""),
        (canonical(PLAIN | {"data": {"x": "y" * MOST_BYTES}}), "at most"),
        (canonical(PLAIN | {"v": 2}), "v: 2"),
        (canonical(PLAIN | {"v": True}), "v: true"),
        (canonical(PLAIN | {"seq": 0}), "seq: 0"),
        (canonical(PLAIN | {"seq": "1"}), "seq"),
        (canonical(PLAIN | {"prev": "A" * 64}), "prev"),
        (canonical(PLAIN | {"id": ""}), "id"),
        (canonical(PLAIN | {"ts": "2026-01-02T03:04:05Z"}), "ts"),
        (canonical(PLAIN | {"ts": "2026-02-30T03:04:05.000Z"}), "ts"),
        (canonical(PLAIN | {"ts": "2026-01-02T03:04:05.000+01"}), "ts"),
        (canonical(PLAIN | {"mono_ns": 5}), "mono_ns"),
        (canonical(PLAIN | {"mono_ns": "05"}), "mono_ns"),
        (canonical(PLAIN | {"epoch": -1}), "epoch"),
        (canonical(PLAIN | {"epoch": True}), "epoch"),
        (canonical(PLAIN | {"type": "Step Began"}), "type"),
        (canonical(PLAIN | {"actor": {"id": "ann", "kind": "robot"}}), "actor"),
        (canonical(PLAIN | {"actor": {"id": "ann", "kind": "human", "root": "yes"}}), "actor"),
        (canonical(PLAIN | {"result": "fine"}), "result"),
        (canonical(PLAIN | {"result": []}), "result"),
        (canonical(PLAIN | {"cause": [1]}), "cause"),
        (canonical(PLAIN | {"seq": 5, "cause": [0]}), "cause"),
        (canonical(PLAIN | {"cause": {}}), "cause"),
        (canonical(PLAIN | {"data": []}), "data"),
        (canonical(PLAIN | {"artifacts": [{}]}), "artifacts: mediaType: missing"),
        (canonical(PLAIN | {"artifacts": ["x"]}), "artifacts: it is not an object"),
    ],
)
def test_only_the_canonical_form_is_read(line: bytes, why: str) -> None:
    with pytest.raises(Failure) as refused:
        decode(line, "records.jsonl:7")
    assert refused.value.code == Exit.TAMPERED
    assert refused.value.where == "records.jsonl:7"
    assert why in refused.value.why


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "operations/../x",
        "a//b",
        ".hidden",
        "a/.b",
        "A",
        "a b",
        "a\\b",
        "a\0",
        "a" * 101,
        "é",
        "-a",
    ],
)
def test_an_artifact_path_stays_in_the_evidence_folder(path: str) -> None:
    found = Artifact(path=path, sha256="a" * 64, size_bytes=1, media_type="text/plain")
    with pytest.raises(Failure, match="cannot be recorded"):
        encode(draft(artifacts=(found,)), 1, NO_DIGEST)


def test_a_cause_is_an_earlier_record() -> None:
    with pytest.raises(Failure, match="cannot be recorded"):
        encode(draft(cause=(5,)), 5, NO_DIGEST)


@settings(deadline=None)
@given(st.data())
def test_a_changed_byte_changes_the_digest_or_is_no_record(data: st.DataObject) -> None:
    line = bytearray(one_line(body={"text": "é😀"}))
    before = digest_of(bytes(line))
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] ^= data.draw(st.integers(1, 255))
    try:
        after = decode(bytes(line)).digest
    except Failure as refused:
        after = f"exit {refused.code}"
    assert after != before


def test_key_order_is_that_of_utf_16() -> None:
    line = one_line(body={"\ue000": 1, "😀": 2})
    assert line.index("😀".encode()) < line.index("\ue000".encode())
    assert decode(line).draft.body == {"\ue000": 1, "😀": 2}


def test_a_naive_instant_is_our_defect() -> None:
    with pytest.raises(Failure, match="cannot be recorded"):
        encode(draft(at=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)), 1, NO_DIGEST)
