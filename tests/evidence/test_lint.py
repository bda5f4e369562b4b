"""No byte of evidence looks like a credential, and nothing in the folder is a link or a device."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.errors import Exit
from golive.evidence.lint import SIGNS, in_record, in_strays
from golive.evidence.patterns import PATTERNS
from golive.evidence.verification import Measured
from record_drafts import draft, log

KEY = "AKIA" + "A" * 16


@pytest.mark.parametrize(("rule", "pattern"), PATTERNS, ids=[rule for rule, _ in PATTERNS])
def test_whatever_a_pattern_matches_has_one_of_the_signs(rule, pattern):
    @settings(max_examples=30, deadline=None)
    @given(st.from_regex(pattern))
    def holds(text):
        assert any(sign.encode() in text.lower() for sign in SIGNS)

    holds()


@pytest.mark.parametrize("place", ["text", "errors", "odd"])
def test_a_credential_in_a_record_is_found_and_not_repeated(place):
    (record,) = log(draft(1, body={place: ["x", {"y": f"see {KEY}."}]}))
    (fault,) = in_record(record, "records.jsonl")
    assert (fault.code, fault.where) == (Exit.TAMPERED, "records.jsonl:1")
    assert "aws-key-id" in fault.why
    assert KEY not in "\n".join(fault.lines())


def test_no_key_of_data_ends_the_look_early():
    (record,) = log(draft(1, body={"a": 1, "epoch": KEY}))
    assert list(in_record(record, "records.jsonl"))


@pytest.mark.parametrize(
    "said",
    [
        "0 of 500 errors",
        "https://user:[redacted:url-user]@host",
        "https://host/path?x=1",
        "Authorization: [redacted:authorization]",
        "the bearer of this",
        "a" * 64,
    ],
)
def test_what_is_no_credential_is_left_alone(said):
    (record,) = log(draft(1, body={"text": said}))
    assert list(in_record(record, "records.jsonl")) == []


def test_keys_of_data_are_looked_at_too():
    (record,) = log(draft(1, body={"env": {"data": {KEY: ""}}}))
    assert [fault.where for fault in in_record(record, "records.jsonl")] == ["records.jsonl:1"]


class Folder:
    def __init__(self, **found):
        self.found = found

    def paths(self):
        return list(self.found)

    def measure(self, path):
        return self.found[path]


def test_a_stray_file_is_no_fault_but_a_link_or_a_credential_is():
    plain = Measured(size_bytes=1, sha256="a" * 64)
    secret = Measured(size_bytes=1, sha256="a" * 64, secrets=frozenset({"jwt"}))
    folder = Folder(a=plain, b=None, c=secret)
    link, credential = in_strays(folder.paths(), folder)
    assert (link.where, link.what) == ("b", "this is no plain file")
    assert (credential.where, credential.why) == ("c", "by its looks: jwt")
