"""An Ed25519 private key in a file: OpenSSH's format or PKCS#8 PEM. Made 0600, refused when others may read it."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from golive.errors import Exit, Failure
from golive.evidence.signing.keys import PublicKey

MOST_BYTES = 64 * 1024

Ask = Callable[[str], str]  # shows a question, gives the passphrase; "" when there is nobody to ask


class KeyFile:
    """Implements `evidence.signing.keys.Signer` with a key in memory; it never prints it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._public = PublicKey(key.public_key().public_bytes_raw())

    @property
    def public(self) -> PublicKey:
        return self._public

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"KeyFile({self._public.fingerprint})"


def read(path: Path, ask: Ask) -> KeyFile:
    """The signer of a private key file; `Failure` says why it cannot be used and what to do."""
    text = _private_bytes(path)
    load = load_ssh_private_key if b"OPENSSH PRIVATE KEY" in text else load_pem_private_key
    key: object
    try:
        key = load(text, password=None)
    except TypeError:  # it has a passphrase
        key = _unlocked(path, text, load, ask)
    except ValueError as error:
        raise _unusable(path, "it is not a private key that can be read", str(error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(path, f"it is a {type(key).__name__.strip('_')}", "golive signs with Ed25519 only")
    return KeyFile(key)


def make(path: Path) -> KeyFile:
    """A new key in a new file, readable by its owner only, in OpenSSH's format; the `.pub` line beside it."""
    key = Ed25519PrivateKey.generate()
    signer = KeyFile(key)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(path, text, 0o600)
        _write_new(path.with_name(path.name + ".pub"), signer.public.line.encode() + b"\n", 0o644)
    except OSError as error:
        raise _unusable(path, "the key cannot be written", error.strerror or str(error)) from error
    return signer


def _private_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(MOST_BYTES)
    except OSError as error:
        raise _unusable(path, "it cannot be read", error.strerror or str(error)) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Failure(
            where=str(path),
            what="this private key may be read by others",
            why=f"its mode is {stat.S_IMODE(mode):o}; whoever reads it can sign for you",
            next=f"chmod 600 {path}",
            code=Exit.USAGE,
        )
    return text


def _unlocked(path: Path, text: bytes, load: Callable[..., object], ask: Ask) -> object:
    passphrase = ask(f"Passphrase of {path}")
    if not passphrase:
        raise _unusable(path, "it has a passphrase, and there is nobody to ask", "there is no terminal")
    try:
        return load(text, password=passphrase.encode())
    except UnsupportedAlgorithm as error:  # OpenSSH's own format needs bcrypt, which is not installed with us
        raise Failure(
            where=str(path),
            what="a key with a passphrase in OpenSSH's format is not opened here",
            why=str(error),
            next=f"let your ssh-agent open it: ssh-add {path}, then --key {path}.pub",
            code=Exit.USAGE,
        ) from error
    except (ValueError, TypeError) as error:
        raise _unusable(path, "the passphrase does not open it", "it is another one") from error


def _write_new(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all; what is there is never overwritten."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    finally:
        part.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unusable(path: Path, what: str, why: str) -> Failure:
    return Failure(
        where=str(path),
        what=what,
        why=why,
        next="name another key with --key, add it to an ssh-agent, or make one: ssh-keygen -t ed25519",
        code=Exit.USAGE,
    )
