"""Keys, envelopes and statements: one form, read strictly, and understood by others."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from golive.errors import Failure
from golive.evidence.signing import dsse, statement
from golive.evidence.signing.keys import PublicKey, public_key
from golive.evidence.signing.statement import Statement, Subject


class Hand:
    def __init__(self, word):
        self.key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(word.encode()).digest())
        self.public = PublicKey(self.key.public_key().public_bytes_raw())

    def sign(self, message):
        return self.key.sign(message)


ANN, BOB = Hand("ann"), Hand("bob")
ENVELOPE = dsse.sign("text/plain", b"hello world", [ANN])


def test_what_is_signed_is_the_published_encoding():
    """The example of the DSSE protocol, v1."""
    kind = "http://example.com/HelloWorld"
    assert dsse.pre_authentication(kind, b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_an_envelope_is_read_as_it_was_written():
    assert dsse.read(ENVELOPE.encoded(), "envelope") == ENVELOPE
    assert ENVELOPE.signed_by([ANN.public, BOB.public]) == {ANN.public}


def test_a_key_counts_once_however_often_and_under_whichever_id_it_signed():
    (own,) = ENVELOPE.signatures
    again = dsse.Signature(key_id="someone else", bytes=own.bytes)
    both = dsse.Envelope(payload_type="text/plain", payload=b"hello world", signatures=(own, own, again))
    assert both.signed_by([ANN.public, BOB.public, PublicKey(ANN.public.raw)]) == {ANN.public}


def edited(edit):
    body = json.loads(ENVELOPE.encoded())
    edit(body)
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode() + b"\n"


REFUSED = {
    "a space": ENVELOPE.encoded().replace(b":", b": ", 1),
    "no newline": ENVELOPE.encoded()[:-1],
    "a key twice": ENVELOPE.encoded().replace(b'{"payload"', b'{"payload":"","payload"', 1),
    "a key more": edited(lambda b: b.update(more=1)),
    "no signature": edited(lambda b: b.update(signatures=[])),
    "a short signature": edited(lambda b: b["signatures"][0].update(sig="AAAA")),
    "base64 with stray bits": ENVELOPE.encoded().replace(b'd29ybGQ="', b'd29ybGR="'),
    "base64 without its end": ENVELOPE.encoded().replace(b'd29ybGQ="', b'd29ybGQ"'),
    "base64 with a newline": edited(lambda b: b.update(payload=b["payload"] + "\n")),
    "not an object": b"[]\n",
    "not JSON": b"hello\n",
    "too large": b" " * (dsse.MOST_BYTES + 1),
    "too many signatures": edited(lambda b: b.update(signatures=b["signatures"] * 21)),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_another_form_is_refused(text):
    with pytest.raises(Failure):
        dsse.read(text, "envelope")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_envelope_or_a_refusal(text):
    try:
        dsse.read(text, "envelope")
    except Failure:
        return


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_unsigned(place, change):
    text = bytearray(ENVELOPE.encoded())
    text[place % len(text)] ^= change
    try:
        found = dsse.read(bytes(text), "envelope")
    except Failure:
        return
    keyid_only = found.payload == ENVELOPE.payload and found.payload_type == ENVELOPE.payload_type
    assert keyid_only or not found.signed_by([ANN.public])


WORD = Statement(subjects=(Subject(name="a", sha256="0" * 64),), predicate_type="https://x/v1", predicate={"n": 1})


def test_a_statement_is_read_as_it_was_written():
    assert statement.read(WORD.encoded(), "statement") == WORD
    assert json.loads(WORD.encoded())["_type"] == "https://in-toto.io/Statement/v1"


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        WORD.encoded() + b" ",
        WORD.encoded().replace(b"Statement/v1", b"Statement/v2"),
        WORD.encoded().replace(b'"n":1', b'"n":1.0'),
        WORD.encoded().replace(b'{"n":1}', b'{"n":1,"n":1}'),
    ],
)
def test_another_form_of_a_statement_is_refused(text):
    with pytest.raises(Failure):
        statement.read(text, "statement")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-rsa AAAA",
        "ssh-ed25519",
        "ssh-ed25519 !!!",
        "ssh-ed25519 AAAA",
        "ecdsa-sha2-nistp256 " + base64.b64encode(ANN.public.blob).decode(),
        "ssh-ed25519 " + base64.b64encode(ANN.public.blob + b"x").decode(),
        "ssh-ed25519 " + base64.b64encode(ANN.public.blob[:-1]).decode(),
    ],
)
def test_a_line_that_is_no_ed25519_key_is_refused(line):
    with pytest.raises(Failure):
        public_key(line)


def test_the_fingerprint_is_what_ssh_prints(tmp_path):
    import shutil
    import subprocess

    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not here")
    path = tmp_path / "key.pub"
    path.write_text(ANN.public.line + "\n")
    told = subprocess.run(["ssh-keygen", "-l", "-f", str(path)], capture_output=True, text=True, check=True)
    assert ANN.public.fingerprint in told.stdout


# ── others


def test_envelopes_cross_to_securesystemslib_and_back():
    signer = pytest.importorskip("securesystemslib.signer", reason="securesystemslib is not here: pip install it")
    from securesystemslib.dsse import Envelope as Theirs

    theirs = Theirs.from_dict(json.loads(ENVELOPE.encoded()))
    key = signer.SSlibKey.from_crypto(ANN.key.public_key())
    key.keyid = ANN.public.id
    assert theirs.verify([key], 1)
    with pytest.raises(Exception, match=""):
        Theirs.from_dict(json.loads(dsse.sign("text/plain", b"x", [BOB]).encoded())).verify([key], 1)

    made = Theirs(payload=b"hello", payload_type="text/plain", signatures={})
    made.sign(signer.CryptoSigner(ANN.key))
    back = json.loads(json.dumps(made.to_dict()))
    ours = dsse.Envelope(
        payload_type=back["payloadType"],
        payload=base64.b64decode(back["payload"]),
        signatures=tuple(
            dsse.Signature(key_id=s["keyid"], bytes=base64.b64decode(s["sig"])) for s in back["signatures"]
        ),
    )
    assert ours.signed_by([ANN.public]) == {ANN.public}
    assert dsse.read(ours.encoded(), "envelope") == ours
