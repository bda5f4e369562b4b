"""Ed25519 keys: a public one is a value, a private one is a `Signer` that never shows it.

Two keys are the same when their 32 raw bytes are; every other name of a key (id, comment, file) is a hint.
Source: RFC 8032; OpenSSH's public key line for people (`ssh-ed25519 AAAA…`).
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from golive.errors import Exit, Failure

KIND = b"ssh-ed25519"
RAW_BYTES = 32
SIGNATURE_BYTES = 64


class Signer(Protocol):
    """Signs with a key that stays where it is: a file, an agent, hardware. Implemented by `drivers.signers`."""

    @property
    def public(self) -> "PublicKey": ...

    def sign(self, message: bytes) -> bytes:
        """The plain Ed25519 signature (64 bytes) of `message`; `Failure` when the key cannot be used."""
        ...


@dataclass(frozen=True, order=True)
class PublicKey:
    """An Ed25519 public key. Equal keys are equal bytes."""

    raw: bytes  # 32 bytes

    @property
    def id(self) -> str:
        """SHA-256 of the raw key in hex: what an envelope names as `keyid`."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def blob(self) -> bytes:
        """The key in OpenSSH's wire form."""
        return b"".join(len(part).to_bytes(4, "big") + part for part in (KIND, self.raw))

    @property
    def line(self) -> str:
        """The key as a line of an `authorized_keys` file, without comment."""
        return f"{KIND.decode()} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it: what people compare."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` is this key's over exactly `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def public_key(line: str, where: str = "public key") -> PublicKey:
    """The key of an OpenSSH public key line (a comment may follow), or a `Failure` (exit 2) that says why not.

    Only Ed25519 is taken: one algorithm means that none can be downgraded to.
    """
    words = line.split()
    if len(words) < 2 or words[0] != KIND.decode():
        raise _no_key(where, f"it begins with {words[0]!r}" if words else "it is empty")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (ValueError, binascii.Error):
        raise _no_key(where, "its second word is not base64") from None
    key = PublicKey(blob[-RAW_BYTES:])
    if key.blob != blob or key.line.split()[1] != words[1]:
        raise _no_key(where, "its bytes are not those of an Ed25519 key")
    return key


def _no_key(where: str, why: str) -> Failure:
    return Failure(
        where=where,
        what="this is not an Ed25519 public key",
        why=why,
        next="give the line of a .pub file that begins with ssh-ed25519; to make a key: ssh-keygen -t ed25519",
        code=Exit.USAGE,
    )
