"""Whatever the bytes are: a specification or a refusal, soon."""

import time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from golive.errors import Failure
from golive.spec.parse import parse
from golive.spec.values import Spec

WORDS = st.sampled_from(
    [
        "service", "owner", "revision", "run", "build", "env", "secrets", "health", "http", "tcp", "smoke", "path",
        "steps", "expect", "json", "capture", "environments", "target", "kind", "local", "canary", "weights",
        "hooks", "requires", "soak", "before", "10s", "1", "-1", "~", "true", "[]", "{}", "[5,25]", '"a"', "${x}",
        "$PORT", "a|b", "&", "*", "!", "<<", "%", "@", "`", "'", '"', "#", "-", "?", ":", ",", "[", "]", "{", "}",
        "|", ">", "\n", "", "\t", "é", "\u2028", "\x00", ".inf", "0o7",
    ]
)  # fmt: skip
SKELETON = (
    "service: {0}\nowner: {1}\nrevision: {{run: {2}, env: {3}, secrets: {4}}}\nhealth: {5}\nsmoke: {6}\n"
    "objectives: {7}\nchange: {8}\n"
    "environments: {{a: {{target: {9}, strategy: {10}, requires: {11}, hooks: {12}}}}}\n"
)
LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), WORDS)
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)


def spec_or_refusal(text: bytes) -> None:
    began = time.process_time()
    lines = refusal_of(text)
    assert all(line.isprintable() for line in lines)
    assert time.process_time() - began < 5


def refusal_of(text: bytes) -> list[str]:
    try:
        assert isinstance(parse(text, name="golive.yaml"), Spec)
    except Failure as failure:
        return failure.lines()
    return []


@settings(deadline=None)
@given(st.binary(max_size=400))
@example(b"\xfe\xff\x00a")
@example("a: \ufffe".encode())
@example(b"a:\n- ~\n-\n")
def test_any_bytes_give_a_specification_or_a_refusal(text: bytes) -> None:
    spec_or_refusal(text)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=60))
def test_any_words_of_the_file_give_a_specification_or_a_refusal(words: list[str]) -> None:
    spec_or_refusal(" ".join(words).encode())


@settings(max_examples=300, deadline=None)
@given(st.lists(VALUE, min_size=13, max_size=13))
def test_any_values_under_the_known_keys_give_a_specification_or_a_refusal(values: list[object]) -> None:
    spec_or_refusal(SKELETON.format(*(written(value) for value in values)).encode(errors="replace"))


def written(value: object) -> str:
    """The value in flow style, much like JSON, but with YAML's words for what JSON lacks."""
    match value:
        case dict():
            return "{" + ", ".join(f"{written(key)}: {written(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(written(item) for item in value) + "]"
        case str():
            return '"' + "".join(f"\\U{ord(char):08x}" for char in value) + '"'
        case float():
            return repr(value).replace("nan", ".nan").replace("inf", ".inf")
        case None:
            return "~"
    return str(value).lower()
