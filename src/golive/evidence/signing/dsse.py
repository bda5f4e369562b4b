"""DSSE envelopes: a payload, its type, and signatures over both.

Shape: `{"payload": base64, "payloadType": …, "signatures": [{"keyid": …, "sig": base64}]}`, canonical JSON. What
is signed is the pre-authentication encoding of type and payload, so that neither can be exchanged. Reading is
strict: an envelope that was not written in this one form is refused, base64 with stray bits included.
Source: https://github.com/secure-systems-lab/dsse, protocol v1.
"""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass

import rfc8785

from golive.evidence.record import Json
from golive.evidence.shape import tampered
from golive.evidence.signing.keys import SIGNATURE_BYTES, PublicKey, Signer

MOST_BYTES = 1024 * 1024  # of an envelope
MOST_SIGNATURES = 20


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One signature. `key_id` is a hint: what counts is which key verifies it."""

    key_id: str
    bytes: bytes


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A payload with its signatures, not yet believed."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def signed_bytes(self) -> bytes:
        return pre_authentication(self.payload_type, self.payload)

    def signed_by(self, keys: Iterable[PublicKey]) -> frozenset[PublicKey]:
        """Which of `keys` really signed it. A key counts once, however often or under whichever id it signed."""
        message = self.signed_bytes
        return frozenset(k for k in keys if any(k.verifies(s.bytes, message) for s in self.signatures))

    def encoded(self) -> bytes:
        """The one form of this envelope, with a newline at its end."""
        body: dict[str, Json] = {
            "payload": base64.b64encode(self.payload).decode(),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": s.key_id, "sig": base64.b64encode(s.bytes).decode()} for s in self.signatures
            ],
        }
        return rfc8785.dumps(body) + b"\n"


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """What is signed: `DSSEv1`, then type and payload, each after its length."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, signers: Iterable[Signer]) -> Envelope:
    """The payload signed by each of `signers`."""
    message = pre_authentication(payload_type, payload)
    signatures = tuple(Signature(key_id=s.public.id, bytes=s.sign(message)) for s in signers)
    return Envelope(payload_type=payload_type, payload=payload, signatures=signatures)


def read(text: bytes, where: str) -> Envelope:
    """The envelope of a file's bytes; `Failure` (exit 5) unless `encoded` would have written them."""
    try:
        envelope = _read(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise tampered(where, "this is not a DSSE envelope", str(error)) from error
    if envelope.encoded() != text:
        raise tampered(where, "this envelope is not in its one form", "keys, spaces or base64 differ from it")
    return envelope


def _read(text: bytes) -> Envelope:
    if len(text) > MOST_BYTES:
        raise ValueError(f"it has {len(text)} bytes, at most {MOST_BYTES} are read")
    found = json.loads(text)
    if not 1 <= len(found["signatures"]) <= MOST_SIGNATURES:
        raise ValueError(f"it has {len(found['signatures'])} signatures, 1 to {MOST_SIGNATURES} are read")
    return Envelope(
        payload_type=found["payloadType"],
        payload=_decoded(found["payload"]),
        signatures=tuple(
            Signature(key_id=item["keyid"], bytes=_signature(item["sig"])) for item in found["signatures"]
        ),
    )


def _signature(text: str) -> bytes:
    decoded = _decoded(text)
    if len(decoded) != SIGNATURE_BYTES:
        raise ValueError(f"a signature has {len(decoded)} bytes, Ed25519 has {SIGNATURE_BYTES}")
    return decoded


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"base64: {error}") from None
