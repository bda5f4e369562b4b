"""SSHSIG: signatures that `ssh-keygen -Y verify` accepts, and reading those that `ssh-keygen -Y sign` makes.

What is signed is not the message but a blob with a namespace and the message's digest, so a signature for one
purpose cannot be shown for another: ours is always `NAMESPACE`. Source: OpenSSH, PROTOCOL.sshsig. Ed25519 only;
keys on hardware (`sk-`) sign another blob and are refused.
"""

import base64
import hashlib

from golive.evidence.shape import tampered
from golive.evidence.signing.keys import KIND, RAW_BYTES, SIGNATURE_BYTES, PublicKey, Signer

NAMESPACE = "golive-signoff@v1"

_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_WIDTH = 70
_HASHES = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}
_MOST_BYTES = 4096


def sign(message: bytes, signer: Signer) -> bytes:
    """The armoured signature of `message`, as a `.sig` file holds it."""
    signed = signer.sign(_signed_blob(message, b"sha512"))
    body = b"".join(
        (
            _MAGIC,
            _VERSION,
            _packed(signer.public.blob),
            _packed(NAMESPACE.encode()),
            _packed(b""),
            _packed(b"sha512"),
            _packed(_packed(KIND) + _packed(signed)),
        )
    )
    text = base64.b64encode(body).decode()
    lines = [text[place : place + _WIDTH] for place in range(0, len(text), _WIDTH)]
    return "\n".join((_BEGIN, *lines, _END, "")).encode()


def verified(armoured: bytes, message: bytes, where: str) -> PublicKey:
    """The key that made this signature of exactly `message`; `Failure` (exit 5) when none did."""
    try:
        key, hashed, signature = _opened(armoured)
    except ValueError as error:
        raise tampered(where, "this is not an SSH signature for a sign-off", str(error)) from error
    if not key.verifies(signature, _signed_blob(message, hashed)):
        raise tampered(where, "this signature is not of this text", f"by {key.fingerprint}")
    return key


def _opened(armoured: bytes) -> tuple[PublicKey, bytes, bytes]:
    if len(armoured) > _MOST_BYTES:
        raise ValueError(f"it has {len(armoured)} bytes")
    lines = armoured.decode("ascii").split("\n")
    if lines[0] != _BEGIN or lines[-2:] != [_END, ""]:
        raise ValueError("it has no frame")
    body = base64.b64decode("".join(lines[1:-2]), validate=True)
    if not body.startswith(_MAGIC + _VERSION):
        raise ValueError("it is of another version")
    parts, rest = [], body[len(_MAGIC) + 4 :]
    for _ in range(5):
        part, rest = _unpacked(rest)
        parts.append(part)
    blob, namespace, reserved, hashed, signature = parts
    kind, inner = _unpacked(signature)
    plain, more = _unpacked(inner)
    key = PublicKey(blob[-RAW_BYTES:])
    if namespace != NAMESPACE.encode():
        raise ValueError(f"its namespace is {namespace!r}, not {NAMESPACE}")
    if key.blob != blob or kind != KIND or len(plain) != SIGNATURE_BYTES:
        raise ValueError(f"its key is of kind {kind!r}; only plain Ed25519 is taken")
    if rest or more or reserved or hashed not in _HASHES:
        raise ValueError("it has parts that it should not have")
    return key, hashed, plain


def _signed_blob(message: bytes, hashed: bytes) -> bytes:
    digest = _HASHES[hashed](message).digest()
    return _MAGIC + b"".join(map(_packed, (NAMESPACE.encode(), b"", hashed, digest)))


def _packed(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def _unpacked(text: bytes) -> tuple[bytes, bytes]:
    end = 4 + int.from_bytes(text[:4], "big")
    if end > len(text) or len(text) < 4:
        raise ValueError("it ends early")
    return text[4:end], text[end:]
