"""YAML is read by the 1.2 core schema, with the place of every key and value."""

import math
import time
from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.spec import yaml12
from golive.spec.tree import Mark, mark_of, plain
from golive.spec.yaml12 import Unreadable, read

TEXT_IN_YAML_12 = [
    "no", "yes", "on", "off", "y", "N", "22:22", "1:30", "0b11", "1_000", "12e", "0o8", "0xg", "<", "=", "nan",
    "inf", "2026-11-23", "+", ".", "1.2.3", "tRue", "nULL", "+.nan",
]  # fmt: skip

SCALARS = [
    ("null", None), ("Null", None), ("NULL", None), ("~", None), ("", None),
    ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
    ("0", 0), ("-0", 0), ("17", 17), ("+17", 17), ("-17", -17), ("017", 17), ("0o17", 15), ("0xFf", 255),
    ("9223372036854775807", 2**63 - 1), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0),
    ("-1.5E-2", -0.015), (".inf", math.inf), ("-.INF", -math.inf),
    ("'17'", "17"), ('"true"', "true"), ("'~'", "~"), ("|\n  17", "17\n"),
]  # fmt: skip

EVIL = {
    "brackets": b"[" * 100_000,
    "braces": b"{" * 100_000,
    "dashes": b"- " * 100_000,
    "questions": b"? " * 100_000,
    "mappings in lists": b"[{a: " * 100_000,
    "indented ever deeper": b"".join(b" " * depth + b"a:\n" for depth in range(1000)),
    "one long scalar": b"a" * 2**20,
    "one long number": b"a: " + b"9" * 1_000_000,
    "one long tag": b"!" * 2**20,
    "one long comment": b"#" * 2**20,
    "blanks": b" " * 2**20,
    "empty lines in a literal": b"a: |\n" + b"\n" * 1_000_000,
    "anchors": b"&a " * 100_000,
    "many keys": b"".join(b"k%d: 1\n" % number for number in range(90_000)),
    "many items": b"- a\n" * 250_000,
    "many unknown keys": b"".join(b"servic%d: 1\n" % number for number in range(9_000)),
    "same key": b"a: 1\n" * 9_000,
    "open quote": b'a: "' + b"\\n" * 500_000,
}


def value_of(text: str) -> object:
    root = read(f"key: {text}\n".encode())
    assert isinstance(root.value, dict)
    return root.value["key"].value


@pytest.mark.parametrize("text", TEXT_IN_YAML_12)
def test_what_yaml_11_would_twist_stays_text(text: str) -> None:
    assert value_of(text) == text


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars_have_their_yaml_12_value(text: str, value: object) -> None:
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_read_as_such() -> None:
    assert all(math.isnan(float(str(value_of(text)))) for text in (".nan", ".NaN", ".NAN"))


@settings(deadline=None)
@given(st.one_of(st.integers(-(2**63) + 1, 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_written_by_python_are_read_as_the_same_number(number: float) -> None:
    assert value_of(repr(number)) == number


@pytest.mark.parametrize("parser", [yaml12.Parser, yaml.SafeLoader], ids=["libyaml", "python"])
def test_every_key_and_value_knows_its_place(parser: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml12, "Parser", parser)
    root = read("a: 1\nb:\n  - x\n  - {c: é, d: 🙂, e: 2}\n".encode())
    assert mark_of(root, ("a",)) == Mark(line=1, column=4)
    assert mark_of(root, ("b",), key=True) == Mark(line=2, column=1)
    assert mark_of(root, ("b", 1, "e")) == Mark(line=4, column=21)
    assert mark_of(root, ("b", 1, "e"), key=True) == Mark(line=4, column=18)


def test_what_is_missing_is_placed_at_the_key_around_it() -> None:
    root = read(b"a:\n  b: {c: 1}\n")
    assert mark_of(root, ("a", "b", "x", "y")) == Mark(line=2, column=3)
    assert mark_of(root, ("z",)) == Mark(line=1, column=1)


def test_a_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    assert plain(read("\ufeffa: 1\r\nb: two\r\n".encode())) == {"a": 1, "b": "two"}


def test_yaml_12_may_be_declared() -> None:
    assert plain(read(b"%YAML 1.2\n---\na: 1\n")) == {"a": 1}


@pytest.mark.parametrize("depth", [31, 32])
def test_thirty_two_levels_are_the_limit(depth: int) -> None:
    text = b"a: " + b"[" * depth + b"]" * depth
    if depth < 32:
        assert plain(read(text))
    else:
        with pytest.raises(Unreadable):
            read(text)


@pytest.mark.parametrize("size", [2**20, 2**20 + 1])
def test_one_mebibyte_is_the_limit(size: int) -> None:
    text = b"a: 1\n".ljust(size, b"#" if size > 2**20 else b" ")
    if size <= 2**20:
        assert plain(read(text)) == {"a": 1}
    else:
        with pytest.raises(Unreadable, match="unreadable") as caught:
            read(text)
        assert caught.value.found[0].fault.what == "larger than 1048576 bytes"


def test_twenty_thousand_values_are_the_limit() -> None:
    most = b"a:\n" + b"- x\n" * (yaml12.MOST_VALUES - 2)
    assert plain(read(most))
    with pytest.raises(Unreadable) as caught:
        read(most + b"- x\n")
    assert caught.value.found[0].fault.what == "more than 20000 values"


@pytest.mark.parametrize("text", EVIL.values(), ids=EVIL.keys())
def test_no_text_takes_long(text: bytes) -> None:
    began = time.process_time()
    with suppress(Unreadable):
        read(text)
    assert time.process_time() - began < 5
