"""Durations, shares, commands and JSON paths: what is written and what it becomes."""

import json
import shlex
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.spec.commands import command
from golive.spec.fault import Fault
from golive.spec.flow import flow
from golive.spec.jsonpath import steps
from golive.spec.quantities import duration_text, quantile, share, timedelta_of
from golive.spec.tree import plain
from golive.spec.yaml12 import read

DURATIONS = [
    ("0s", 0), ("1ms", 1), ("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("1h", 3_600_000),
    ("1h30m", 5_400_000), ("1m1ms", 60_001), ("90m", 5_400_000),
]  # fmt: skip
NOT_DURATIONS = [
    "",
    "10",
    "s",
    "10 s",
    "1.5s",
    "-1s",
    "1d",
    "1s1h",
    "1s 1ms",
    "10S",
    "1e3s",
    10,
    1.5,
    True,
    None,
    [],
]

SHARES = [("0%", 0), ("1 %", 10_000), ("1%", 10_000), ("0.1%", 1000), ("99.9999 %", 999_999), ("100 %", 10**6)]
NOT_SHARES = ["1", "0.01", "101 %", "100.1%", "-1 %", "1  %", ".5%", "0.00001%", "%", 1, 0.5, None]

QUANTILES = [("p50", 500_000), ("p99", 990_000), ("p99.9", 999_000), ("p99.99", 999_900), ("p0.5", 5000)]
NOT_QUANTILES = ["99", "p0", "p100", "p", "P99", "p99.99999", 99, None]

JSON_PATHS = [
    ("id", ("id",)), ("a.b", ("a", "b")), ("items[0].id", ("items", 0, "id")), ("[1]", (1,)),
    ("[0][2].x", (0, 2, "x")),
    ("with-dash.and_line", ("with-dash", "and_line")), ("été", ("été",)), ("0", ("0",)),
]  # fmt: skip
NOT_JSON_PATHS = [
    "",
    ".",
    ".a",
    "a.",
    "a..b",
    "$.a",
    "a[*]",
    "a[-1]",
    "a[x]",
    "a[0",
    "a]",
    "a b",
    "a[0]b",
    "'a'",
    "a" * 201,
]

SPLIT = [
    ("python3 app.py", ["python3", "app.py"]),
    ("python3 app.py --port $PORT", ["python3", "app.py", "--port", "$PORT"]),
    ("app --bind 127.0.0.1:${PORT}", ["app", "--bind", "127.0.0.1:${PORT}"]),
    ("a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]),
    ("a '|' \"&&\" \\; '`' '$(x)' '$HOME' \\$HOME", ["a", "|", "&&", ";", "`", "$(x)", "$HOME", "$HOME"]),
    ("a b=c 1=2", ["a", "b=c", "1=2"]),
    ("  a  b  ", ["a", "b"]),
    ("a # b", ["a", "#", "b"]),
]
NEEDS_SHELL = ["a | b", "a && b", "a; b", "a > b", "a < b", "a & b", "(a)", "a `b`", 'a "`b`"', "a $(b)", 
               'a "$(b)"', "a $HOME", 'a "${HOME}"', "a $PORTS", "a ${PORTS}"]  # fmt: skip


@pytest.mark.parametrize(("text", "milliseconds"), DURATIONS)
def test_durations(text: str, milliseconds: int) -> None:
    assert timedelta_of(text) == timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize("text", NOT_DURATIONS)
def test_not_durations(text: object) -> None:
    with pytest.raises(Fault):
        timedelta_of(text)


@settings(deadline=None)
@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_a_duration_is_written_as_it_is_read(length: timedelta) -> None:
    whole = timedelta(milliseconds=length // timedelta(milliseconds=1))
    assert timedelta_of(duration_text(length)) == whole


@pytest.mark.parametrize(("text", "ppm"), SHARES)
def test_shares(text: str, ppm: int) -> None:
    assert share().read(text) == ppm


@pytest.mark.parametrize("text", NOT_SHARES)
def test_not_shares(text: object) -> None:
    with pytest.raises(Fault):
        share().read(text)


@pytest.mark.parametrize(("text", "ppm"), QUANTILES)
def test_quantiles(text: str, ppm: int) -> None:
    assert quantile().read(text) == ppm


@pytest.mark.parametrize("text", NOT_QUANTILES)
def test_not_quantiles(text: object) -> None:
    with pytest.raises(Fault):
        quantile().read(text)


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_shares_and_quantiles_are_written_as_they_are_read(ppm: int) -> None:
    assert share().read(share().write(ppm)) == ppm
    if 0 < ppm < 10**6:
        assert quantile().read(quantile().write(ppm)) == ppm


@pytest.mark.parametrize(("text", "path"), JSON_PATHS)
def test_json_paths(text: str, path: tuple[str | int, ...]) -> None:
    assert steps(text) == path


@pytest.mark.parametrize("text", NOT_JSON_PATHS)
def test_not_json_paths(text: str) -> None:
    with pytest.raises(Fault):
        steps(text)


@pytest.mark.parametrize(("line", "arguments"), SPLIT)
def test_lines_are_split_without_a_shell(line: str, arguments: list[str]) -> None:
    assert command(port=True).read(line) == tuple(arguments)


@pytest.mark.parametrize("line", NEEDS_SHELL)
def test_what_only_a_shell_would_understand_is_refused_with_the_way_to_say_so(line: str) -> None:
    with pytest.raises(Fault) as caught:
        command(port=True).read(line)
    listed = json.dumps(["sh", "-c", line], ensure_ascii=False)
    assert caught.value.next.endswith(listed)
    assert command().read(["sh", "-c", line]) == ("sh", "-c", line)


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1))
def test_a_quoted_line_gives_its_arguments_back(arguments: list[str]) -> None:
    line = shlex.join(arguments)
    if "=" not in arguments[0] and arguments[0].strip():
        assert command().read(line) == tuple(arguments)


@settings(deadline=None)
@given(st.text())
def test_a_line_is_split_or_refused(line: str) -> None:
    try:
        assert command().read(line)
    except Fault as fault:
        assert fault.what and fault.next  # noqa: PT017, PT018


SCALAR = st.one_of(
    st.text(), st.booleans(), st.integers(-(2**62), 2**62), st.sampled_from(["no", "017", "0o7", "~"])
)
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@settings(deadline=None)
@given(VALUE.filter(lambda value: _is_readable(value)))
def test_what_is_written_in_flow_style_reads_back_as_the_same(value: object) -> None:
    assert plain(read(f"key: {flow(value)}\n".encode())) == {"key": value}


def _is_readable(value: object) -> bool:
    """Invisible characters are refused by the reader; everything else must come back."""
    text = json.dumps(value, ensure_ascii=False)
    return (
        all(char.isprintable() for char in text) and "\\u" not in text and "\\b" not in text and "\\f" not in text
    )
