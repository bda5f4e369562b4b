"""What was redacted holds nothing that looks like a credential: else honest evidence would not verify."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from golive.drivers.artifacts import ArtifactStore
from golive.evidence.redaction import Redactor

SECRETS = {"TOKEN": "hunter2hunter2hunter2", "db.password": "pw1", "user": "svc-account"}
CREDENTIALS = (
    b"https://user:passw0rd@host/x",
    b"https://svc-account:hunter2hunter2hunter2@host",
    b"postgres://0123456789abcdef0123@h/db",
    b"https://hunter2hunter2hunter2@host",
    b"redis://:pw1@host",
    b"Authorization: Bearer abcdefghijklmnop1234",
    b"Authorization: Basic hunter2hunter2hunter2",
    b'"x-api-key": "1234567890"',
    b"X-Auth-Token=hunter2hunter2hunter2more",
    b"aws_secret_access_key = " + b"a" * 40,
    b"https://hooks.slack.com/services/T0000/B0000/abcdefgh12345",
    b"-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
    b"bearer hunter2hunter2hunter2",
    b"AKIA" + b"A" * 16,
    b"ghp_" + b"a" * 36,
    b"eyJhbGciOiJ9.eyJzdWIiOiIx.c2ln",
)
BETWEEN = (b"", b" ", b"\n", b"@", b":", b"/", b'"', b"'", b",", b"://", b"x", b"x-api-key: ", b"https://a:")


def redacted(content, secrets):
    redactor = Redactor(secrets)
    return redactor.feed(content) + redactor.flush(), redactor.hits


@pytest.mark.parametrize("secrets", [{}, SECRETS], ids=["none known", "some known"])
@pytest.mark.parametrize("credential", CREDENTIALS)
def test_a_redacted_credential_is_none_any_more(credential, secrets):
    once, hits = redacted(b"before " + credential + b" behind", secrets)
    assert hits
    assert redacted(once, {}) == (once, {})


@given(st.lists(st.sampled_from(CREDENTIALS + BETWEEN), max_size=12), st.integers(0, 60_000), st.integers(1, 200))
@example([b"aws_secret_access_key = " + b"a" * 40, b"ghp_" + b"a" * 36], 0, 64)
def test_however_it_was_cut(parts, before, size):
    content = b"-" * before + b"".join(parts)
    redactor = Redactor(SECRETS)
    tail = content[max(0, before - 100) :]
    given_out = redactor.feed(content[: max(0, before - 100)])
    given_out += b"".join(redactor.feed(tail[at : at + size]) for at in range(0, len(tail), size))
    assert given_out + redactor.flush() == redacted(content, SECRETS)[0]


@given(st.lists(st.sampled_from(CREDENTIALS + BETWEEN), max_size=12))
@example([b"aws_secret_access_key = " + b"a" * 40, b"ghp_" + b"a" * 36])
@example([b"ghp_" + b"a" * 36, b"AKIA" + b"A" * 16])
def test_whatever_stands_around_it(parts):
    once, _ = redacted(b"".join(parts), SECRETS)
    again, hits = redacted(once, {})
    assert (again, hits) == (once, {})


def test_a_kept_file_is_measured_without_a_credential(tmp_path):
    store = ArtifactStore(tmp_path, Redactor({}))
    for number, credential in enumerate(CREDENTIALS):
        kept = store.keep(f"{number}.log", credential, "text/plain")
        assert store.measure(kept.path).secrets == frozenset(), credential


@pytest.mark.parametrize(
    "text",
    [b"[redacted:x] https://user:pw@host", b"https://user:pw@[redacted:x]", b"[redacted:x]hunter2hunter2hunter2"],
)
def test_a_credential_beside_a_mark_is_found(text):
    once, hits = redacted(text, SECRETS)
    assert hits
    assert b"[redacted:x]" in once
    assert b"pw@" not in once
    assert b"hunter2" not in once
