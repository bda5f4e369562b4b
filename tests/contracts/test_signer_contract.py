"""One suite for everything that signs: a key file, an ssh-agent; and which of them a person gets by default."""

import os
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from golive.drivers.signers import agent, keyfile
from golive.drivers.signers.choice import signer
from golive.errors import Exit, Failure
from golive.evidence.signing import dsse
from golive.evidence.signing.keys import public_key

KINDS = ["made by golive", "PKCS#8", "with a passphrase", "ssh-keygen", "ssh-agent"]


def nobody(question):
    return ""


def needs(program):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not here")


@pytest.fixture
def running_agent(tmp_path):
    """The environment that leads to an agent of our own."""
    needs("ssh-agent")
    address = tmp_path / "agent"
    child = subprocess.Popen(["ssh-agent", "-D", "-a", str(address)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(500):
            if address.exists():
                break
            subprocess.run(["sleep", "0.01"], check=True)
        yield {**os.environ, "SSH_AUTH_SOCK": str(address)}
    finally:
        child.terminate()
        child.wait()


def keygen(path, kind="ed25519", passphrase=""):
    needs("ssh-keygen")
    made = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)]
    subprocess.run(made, check=True)
    return path


def written(path, content):
    path.write_bytes(content)
    path.chmod(0o600)
    return path


@pytest.fixture(params=KINDS)
def hand(request, tmp_path):
    path = tmp_path / "key"
    key = Ed25519PrivateKey.generate()
    match request.param:
        case "made by golive":
            return keyfile.make(path)
        case "PKCS#8":
            return keyfile.read(
                written(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())), nobody
            )
        case "with a passphrase":
            locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open"))
            return keyfile.read(written(path, locked), lambda question: "open")
        case "ssh-keygen":
            return keyfile.read(keygen(path), nobody)
    env = request.getfixturevalue("running_agent")
    subprocess.run(["ssh-add", "-q", str(keygen(path))], env=env, check=True)
    (held,) = agent.keys(env["SSH_AUTH_SOCK"])
    return held


def test_what_it_signs_is_verified_by_its_public_key_and_nothing_else_is(hand):
    signature = hand.sign(b"a message")
    assert hand.public.verifies(signature, b"a message")
    assert not hand.public.verifies(signature, b"another message")
    assert not hand.public.verifies(signature[::-1], b"a message")


def test_its_public_key_is_the_same_as_a_line(hand):
    assert public_key(hand.public.line + " a comment") == hand.public


def test_it_signs_envelopes(hand):
    envelope = dsse.sign("text/plain", b"hello", [hand])
    assert dsse.read(envelope.encoded(), "envelope").signed_by([hand.public]) == {hand.public}


def test_its_key_is_never_printed(hand):
    assert "PRIVATE" not in repr(hand)
    assert hand.public.raw.hex() not in repr(hand) or "Agent" in repr(hand)


def test_a_key_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "key"
    keyfile.make(path)
    path.chmod(0o640)
    with pytest.raises(Failure, match="may be read by others") as refused:
        keyfile.read(path, nobody)
    assert refused.value.next == f"chmod 600 {path}"


def test_a_new_key_is_private_and_never_overwrites_one(tmp_path):
    path = tmp_path / "keys" / "key"
    first = keyfile.make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Failure):
        keyfile.make(path)
    assert keyfile.read(path, nobody).public == first.public
    assert sorted(p.name for p in path.parent.iterdir()) == ["key", "key.pub"]


def test_a_passphrase_that_nobody_can_give_or_that_is_wrong_is_a_clear_refusal(tmp_path):
    path = keygen(tmp_path / "key", passphrase="open")
    for ask in (nobody, lambda question: "wrong"):
        with pytest.raises(Failure) as refused:
            keyfile.read(path, ask)
        assert refused.value.code == Exit.USAGE
        assert "passphrase" in refused.value.what


def test_a_locked_key_of_pkcs8_with_a_wrong_passphrase_is_refused(tmp_path):
    key = Ed25519PrivateKey.generate()
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open"))
    with pytest.raises(Failure, match="passphrase does not open it"):
        keyfile.read(written(tmp_path / "key", locked), lambda question: "wrong")


def test_another_algorithm_is_refused(tmp_path):
    other = rsa.generate_private_key(65537, 2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(Failure, match="RSAPrivateKey") as refused:
        keyfile.read(written(tmp_path / "key", pem), nobody)
    assert refused.value.code == Exit.USAGE


def test_what_is_no_key_is_refused(tmp_path):
    with pytest.raises(Failure, match="not a private key"):
        keyfile.read(written(tmp_path / "key", b"hello"), nobody)
    with pytest.raises(Failure, match="cannot be read"):
        keyfile.read(tmp_path / "nothing", nobody)


def test_without_a_word_it_is_the_usual_key_file(tmp_path):
    usual = keygen(_folder(tmp_path / ".ssh") / "id_ed25519")
    found = signer(None, {"HOME": str(tmp_path)}, nobody)
    assert found.public == public_key(usual.with_suffix(".pub").read_text())


def test_without_a_word_the_only_key_of_the_agent_comes_first(tmp_path, running_agent):
    keygen(_folder(tmp_path / ".ssh") / "id_ed25519")
    other = keygen(tmp_path / "other")
    subprocess.run(["ssh-add", "-q", str(other)], env=running_agent, check=True)
    chosen = signer(None, {**running_agent, "HOME": str(tmp_path)}, nobody)
    assert chosen.public == public_key(other.with_suffix(".pub").read_text())
    named = signer(other.with_suffix(".pub"), running_agent, nobody)
    assert named.public == chosen.public


def test_with_nothing_to_sign_with_the_answer_says_how_to_get_it(tmp_path):
    with pytest.raises(Failure, match="no key to sign with") as refused:
        signer(None, {"HOME": str(tmp_path)}, nobody)
    assert "ssh-keygen -t ed25519" in refused.value.next


def test_an_agent_that_is_gone_is_named(tmp_path):
    with pytest.raises(Failure, match="does not answer"):
        signer(None, {"HOME": str(tmp_path), "SSH_AUTH_SOCK": str(tmp_path / "none")}, nobody)


def _folder(path):
    path.mkdir()
    return path
