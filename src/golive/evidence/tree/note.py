"""Signed notes: a text, and lines of signatures under it that anybody can check.

Shape: the text (ends with a newline), an empty line, then `— NAME BASE64` for each signature, where the base64
holds four bytes of key id and the signature. A verifier key is `NAME+ID+BASE64` with the id in hex and the base64
of algorithm byte 1 (Ed25519) and the raw key. Source: https://c2sp.org/signed-note.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from golive.evidence.shape import tampered
from golive.evidence.signing.keys import RAW_BYTES, PublicKey, Signer

ED25519 = b"\x01"
DASH = "\u2014 "
MOST_BYTES = 64 * 1024
MOST_SIGNATURES = 16


@dataclass(frozen=True, kw_only=True)
class LogKey:
    """A public key under the name of what it signs."""

    name: str  # no space, no plus
    public: PublicKey

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public.raw).decode()}"


def log_key(text: str) -> LogKey:
    """The key of its one-line form; `ValueError` when it is none."""
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    raw = base64.b64decode(encoded, validate=True)
    key = LogKey(name=name, public=PublicKey(raw[-RAW_BYTES:]))
    if str(key) != text or " " in name or not name:
        raise ValueError(f"{text!r} is no verifier key")
    return key


@dataclass(frozen=True, kw_only=True)
class Note:
    """A text with the signatures under it, not yet believed."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]  # name, and key id with signature

    def encoded(self) -> bytes:
        lines = [f"{DASH}{name} {base64.b64encode(sig).decode()}\n" for name, sig in self.signatures]
        return f"{self.text}\n{''.join(lines)}".encode()

    def is_signed_by(self, key: LogKey) -> bool:
        message = self.text.encode()
        return any(
            name == key.name and sig[:4] == key.id and key.public.verifies(sig[4:], message)
            for name, sig in self.signatures
        )


def sign(text: str, name: str, signer: Signer) -> Note:
    key = LogKey(name=name, public=signer.public)
    return Note(text=text, signatures=((name, key.id + signer.sign(text.encode())),))


def read(content: bytes, where: str) -> Note:
    """The note of a file's bytes; `Failure` (exit 5) unless `encoded` would have written them."""
    try:
        note = _read(content)
    except (ValueError, binascii.Error) as error:
        raise tampered(where, "this is not a signed note", str(error)) from error
    if note.encoded() != content:
        raise tampered(where, "this note is not in its one form", "spaces or base64 differ from it")
    return note


def _read(content: bytes) -> Note:
    if len(content) > MOST_BYTES:
        raise ValueError(f"it has {len(content)} bytes, at most {MOST_BYTES} are read")
    text, empty, signed = content.decode().rpartition("\n\n")
    lines = signed.splitlines()
    if not empty or not 1 <= len(lines) <= MOST_SIGNATURES:
        raise ValueError("it has no signatures, or too many")
    return Note(text=text + "\n", signatures=tuple(_signature(line) for line in lines))


def _signature(line: str) -> tuple[str, bytes]:
    if not line.startswith(DASH):
        raise ValueError("a line under the text is no signature")
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    return name, base64.b64decode(encoded, validate=True)
