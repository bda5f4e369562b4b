"""No byte of a secret passes, however the text is cut; everything else does."""

import base64
import hashlib
import json
import pickle
import re
import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from golive.evidence.patterns import LONGEST, PATTERNS
from golive.evidence.redaction import Redactor, Secret

# Printable, with what URLs, JSON and base64 each write in another way; no letters that marks are made of.
SECRET = st.text('XYZ0123456789/+=&%"\\\n ü€😀', min_size=4, max_size=20)


def whole(redactor: Redactor, text: bytes, cuts: tuple[int, ...] = ()) -> bytes:
    parts = [text[a:b] for a, b in zip((0, *cuts), (*cuts, len(text)), strict=True)]
    return b"".join(redactor.feed(part) for part in parts) + redactor.flush()


def disguises(value: str) -> set[bytes]:
    raw = value.encode()
    inside = {base64.b64encode(b"user:"[:n] + raw) for n in range(4)}
    text = {quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
    text |= {json.dumps(value, ensure_ascii=False)[1:-1], value}
    text |= {re.sub("%[0-9A-F]{2}", lambda escape: escape.group().lower(), quote(value, safe=""))}
    return {form.encode() for form in text} | inside | {base64.urlsafe_b64encode(raw)}


@settings(deadline=None)
@given(SECRET)
@example('p"ss/w0rd +%\\\nü')
def test_a_secret_is_found_in_each_of_its_forms(value: str) -> None:
    for form in disguises(value):
        out = whole(Redactor({"PASSWORD": value}), b"before " + form + b" after")
        assert form not in out
        assert value.encode() not in out
        assert out.startswith(b"before ")
        assert b"[redacted:PASSWORD]" in out


def test_a_secret_inside_something_longer_in_base64_leaves_less_than_three_bytes() -> None:
    """The characters at its ends share bits with the neighbours; what is left of it cannot be read back."""
    value = "correct-horse-battery"
    for before in range(1, 7):
        encoded = base64.b64encode(b"u" * before + value.encode() + b"!" * 5).decode()
        left = Redactor({"P": value}).text(encoded).replace("[redacted:P]", "")
        kept = len(left) * 6 - (before + 5) * 8
        assert kept < 3 * 8
        assert "[redacted:P]" not in left


SENTINEL = "s3ntinel/v+lue=1"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (SENTINEL, "[redacted:TOKEN]"),
        ("authorization: Bearer a.b-c\n", "authorization: [redacted:authorization]\n"),
        ("0" * 28 + "beef" + "0" * 32, "0" * 28 + "beef" + "0" * 32),
        ("(80)", "([redacted:PIN])"),
        ("x80x", "x80x"),
    ],
)
def test_the_end_of_what_is_certain_may_be_anywhere(text: str, left: str) -> None:
    """What is given out early ends `LONGEST` and 260 bytes before the end of the input: put the text there."""
    fed = 4 * LONGEST
    for place in range(fed - LONGEST - 280 - len(text), fed - LONGEST - 200):
        redactor = Redactor({"TOKEN": SENTINEL, "PIN": "80", "SHORT": "beef"})
        rest = b"." * 2 * LONGEST
        stream = b"." * place + text.encode() + rest
        out = redactor.feed(stream[:fed])
        assert place - 200 < len(out) < place + 200
        assert out + redactor.feed(stream[fed:]) + redactor.flush() == b"." * place + left.encode() + rest


@pytest.mark.parametrize("cut", range(len(SENTINEL) + 1))
def test_a_secret_split_over_two_chunks_is_found(cut: int) -> None:
    redactor = Redactor({"TOKEN": SENTINEL})
    text = f"token={SENTINEL}\n".encode()
    assert whole(redactor, text, (6 + cut,)) == b"token=[redacted:TOKEN]\n"
    assert redactor.hits == {"TOKEN": 1}


CREDENTIALS = {
    "private-key": "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n"
    + "Ab+/" * 600
    + "\n-----END RSA PRIVATE KEY-----",
    "aws-key-id": "AKIAIOSFODNN7EXAMPLE",
    "aws-secret-key": "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "github-token": "ghp_" + "a1B2" * 9,
    "gitlab-token": "glpat-abcdefghij0123456789",
    "google-key": "AIza" + "Sy0_-" * 7,
    "slack-token": "xoxb-123456789012-abcdef",
    "slack-webhook": "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "stripe-key": "sk_live_" + "4eC39HqLyjWDarjt",
    "package-token": "npm_" + "abc123" * 6,
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "url-user": "postgres://shop:hunter2@db.internal:5432/shop",
    "authorization": "Authorization: Basic dXNlcjpodW50ZXIy",
    "api-key-header": '"X-Api-Key": "0123456789abcdef"',
    "bearer": "curl: using bearer abcdefghij0123456789",
}


def test_every_pattern_has_a_case() -> None:
    assert list(CREDENTIALS) == [rule for rule, _ in PATTERNS]


@pytest.mark.parametrize("rule", CREDENTIALS)
def test_a_credential_that_nobody_named_is_found(rule: str) -> None:
    redactor = Redactor({})
    out = redactor.text(f"before {CREDENTIALS[rule]} after")
    assert redactor.hits[rule] == 1
    assert f"[redacted:{rule}]" in out
    assert out.startswith("before ")
    for part in re.findall(r"[A-Za-z0-9+/_-]{16,}", CREDENTIALS[rule]):
        assert part not in out or part == "aws_secret_access_key"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abc.def-ghi", "Authorization: [redacted:authorization]"),
        ('{"authorization":"Token abcdef"}', '{"authorization":"[redacted:authorization]"}'),
        ("postgres://shop:hunter2@db:5432/x", "postgres://[redacted:url-user]@db:5432/x"),
        ("AWS_SECRET_ACCESS_KEY=" + "a" * 40, "AWS_SECRET_ACCESS_KEY=[redacted:aws-secret-key]"),
    ],
)
def test_what_surrounds_a_credential_stays_readable(text: str, kept: str) -> None:
    assert Redactor({}).text(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        hashlib.sha256(b"x").hexdigest(),
        "sha256:" + hashlib.sha256(b"y").hexdigest() + "  steps.log",
        base64.b64encode(hashlib.sha256(b"z").digest()).decode(),
        "018f3c2e-7b1a-7c3d-9e4f-123456789abc",
        "ssh://git@github.com/acme/shop.git and mailto:ann@example.com, see https://medium.com/@ann",
        "the bearer of this note has authorization: ask ann",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "AKIA is a prefix, AKIAIOSFODNN7EXAMPLEX is too long, eyJ alone is nothing",
        "http://127.0.0.1:8080/health?user=a@b.c",
    ],
)
def test_text_without_a_credential_is_left_alone(text: str) -> None:
    redactor = Redactor({"PORT": "80", "PIN": "beef", "EMPTY": ""})
    assert redactor.text(text.replace("beef", "")) == text.replace("beef", "")
    assert not redactor.hits


def test_digests_are_left_alone_even_when_a_short_secret_occurs_in_them() -> None:
    digest = "beef" + "0" * 56 + "1234"
    redactor = Redactor({"A": "beef", "B": "1234", "C": "0" * 15})
    assert redactor.text(f"sha256:{digest}\n{digest}") == f"sha256:{digest}\n{digest}"
    assert redactor.text("beef 1234x " + digest + "0") == (
        "[redacted:A] [redacted:B]x [redacted:A]" + "[redacted:C]" + "[redacted:B]0"
    ), "65 digits are no digest"


def test_a_secret_that_looks_like_a_digest_is_a_secret() -> None:
    key = hashlib.sha256(b"key").hexdigest()
    assert Redactor({"KEY": key}).text(f"key={key}") == "key=[redacted:KEY]"


def test_a_very_short_secret_is_taken_out_as_a_whole_word_only() -> None:
    redactor = Redactor({"PIN": "80", "ONE": "1"})
    assert redactor.text("80 8080 x80 80x 8-80.") == "[redacted:PIN] 8080 x80 80x 8-[redacted:PIN]."
    assert redactor.hits == {"PIN": 2}


def test_secrets_that_overlap_are_taken_out_together() -> None:
    assert Redactor({"A": "abcd", "B": "cdef"}).text("xabcdefx") == "x[redacted:A]x"
    assert Redactor({"A": "aaaa"}).text("xaaaaaaax") == "x[redacted:A]x"


TEXT = b" ".join(
    [
        *(value.encode() for value in CREDENTIALS.values()),
        hashlib.sha256(b"x").hexdigest().encode(),
        (SENTINEL * 3).encode(),
        b"beef 80 " * 5,
        quote(SENTINEL).encode(),
        b"filler\n" * 100,
    ]
)


SECRETS = {"TOKEN": SENTINEL, "PIN": "80", "SHORT": "beef"}
LONG = TEXT * (5 * LONGEST // len(TEXT))  # so long that much of it is given out before the rest comes in
REDACTED = Redactor(SECRETS).text(LONG.decode()).encode()


@settings(deadline=None)
@given(st.lists(st.integers(0, len(LONG)), max_size=12))
def test_the_result_does_not_depend_on_how_the_input_was_cut(cuts: list[int]) -> None:
    redactor = Redactor(SECRETS)
    assert whole(redactor, LONG, tuple(sorted(cuts))) == REDACTED
    assert redactor.hits.total() == REDACTED.count(b"[redacted:")


def test_output_follows_input_and_memory_stays_bounded() -> None:
    redactor = Redactor({"TOKEN": SENTINEL})
    given_out = sum(len(redactor.feed(b"a line of a log\n" * 500)) for _ in range(100))
    assert given_out > 100 * 8000 - 4 * LONGEST


def test_every_pattern_is_as_bounded_as_streaming_needs() -> None:
    for rule, pattern in PATTERNS:
        _, most = re._parser.parse(pattern.pattern).getwidth()  # type: ignore[attr-defined]
        assert most <= LONGEST, rule


@settings(deadline=None)
@given(st.text(string.printable), st.text(max_size=30))
def test_text_beside_a_stream_does_not_disturb_it(first: str, beside: str) -> None:
    redactor = Redactor({"TOKEN": SENTINEL})
    out = redactor.feed(first.encode() + SENTINEL[:5].encode())
    redactor.text(beside)
    out += redactor.feed(SENTINEL[5:].encode()) + redactor.flush()
    assert out == first.encode() + b"[redacted:TOKEN]" or SENTINEL.encode() not in out


def test_text_with_half_a_surrogate_pair_comes_out_printable() -> None:
    assert Redactor({}).text("a\ud800b") == "a?b"


def test_a_secret_prints_as_stars_and_cannot_be_written() -> None:
    secret = Secret("hunter2")
    assert [str(secret), repr(secret), f"{secret}", f"{[secret]}", "%s" % secret] == [  # noqa: UP031
        "***",
        "***",
        "***",
        "[***]",
        "***",
    ]
    assert secret.reveal() == "hunter2"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
