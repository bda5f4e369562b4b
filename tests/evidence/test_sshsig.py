"""SSH signatures both ways: ssh-keygen accepts ours, we accept its, and each refuses the rest."""

import base64
import hashlib
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from golive.errors import Failure
from golive.evidence.signing import sshsig
from golive.evidence.signing.keys import PublicKey, public_key
from golive.evidence.signing.sshsig import NAMESPACE

TEXT = b"ann, as lead: approve shop to production\n"


class Hand:
    def __init__(self, word):
        self.key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(word.encode()).digest())
        self.public = PublicKey(self.key.public_key().public_bytes_raw())

    def sign(self, message):
        return self.key.sign(message)


ANN = Hand("ann")


@pytest.fixture
def keygen():
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not here")

    def run(*words, stdin=b""):
        return subprocess.run(["ssh-keygen", *map(str, words)], input=stdin, capture_output=True, check=False)

    return run


def accepted(keygen, tmp_path, signature, message=TEXT, options=""):
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "allowed").write_text(f"ann {options}{ANN.public.line}\n")
    told = keygen(
        "-Y", "verify", "-f", tmp_path / "allowed", "-I", "ann", "-n", NAMESPACE,
        "-s", tmp_path / "signature", stdin=message,
    )  # fmt: skip
    return told.returncode == 0


def test_ssh_keygen_accepts_ours_and_refuses_another_text(keygen, tmp_path):
    signature = sshsig.sign(TEXT, ANN)
    assert accepted(keygen, tmp_path, signature)
    assert accepted(keygen, tmp_path, signature, options=f'namespaces="{NAMESPACE}" ')
    assert not accepted(keygen, tmp_path, signature, message=b"another text")
    assert not accepted(keygen, tmp_path, signature, options='namespaces="git" ')
    assert not accepted(keygen, tmp_path, signature, options='valid-before="20200101" ')


@pytest.mark.parametrize("hashed", ["sha512", "sha256"])
def test_we_accept_what_ssh_keygen_signs(keygen, tmp_path, hashed):
    keygen("-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key")
    (tmp_path / "text").write_bytes(TEXT)
    keygen("-Y", "sign", "-f", tmp_path / "key", "-n", NAMESPACE, "-O", f"hashalg={hashed}", tmp_path / "text")
    signature = (tmp_path / "text.sig").read_bytes()
    assert sshsig.verified(signature, TEXT, "sig") == public_key((tmp_path / "key.pub").read_text())
    with pytest.raises(Failure):
        sshsig.verified(signature, TEXT + b"!", "sig")


def test_another_namespace_is_refused(keygen, tmp_path):
    keygen("-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key")
    (tmp_path / "text").write_bytes(TEXT)
    keygen("-Y", "sign", "-f", tmp_path / "key", "-n", "git", tmp_path / "text")
    with pytest.raises(Failure, match="not an SSH signature for a sign-off"):
        sshsig.verified((tmp_path / "text.sig").read_bytes(), TEXT, "sig")


def test_another_algorithm_is_refused(keygen, tmp_path):
    keygen("-q", "-t", "ecdsa", "-N", "", "-f", tmp_path / "key")
    (tmp_path / "text").write_bytes(TEXT)
    keygen("-Y", "sign", "-f", tmp_path / "key", "-n", NAMESPACE, tmp_path / "text")
    with pytest.raises(Failure):
        sshsig.verified((tmp_path / "text.sig").read_bytes(), TEXT, "sig")


def test_what_we_sign_we_accept():
    assert sshsig.verified(sshsig.sign(TEXT, ANN), TEXT, "sig") == ANN.public


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_nothing_that_is_signed(place, change):
    signature = bytearray(sshsig.sign(TEXT, ANN))
    signature[place % len(signature)] ^= change
    try:
        assert sshsig.verified(bytes(signature), TEXT, "sig") == ANN.public
    except Failure:
        return
    assert base64.b64decode(b"".join(bytes(signature).split(b"\n")[1:-2]))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(text):
    with pytest.raises(Failure):
        sshsig.verified(text, TEXT, "sig")
