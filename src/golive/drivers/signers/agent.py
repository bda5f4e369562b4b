"""An ssh-agent as signer: it holds the key, we send what is to be signed. The key is never read.

Source: draft-ietf-sshm-ssh-agent; messages 11/12 (list) and 13/14 (sign). The signature inside the answer is a
plain Ed25519 signature over the bytes that were sent. Keys on hardware (`sk-ssh-ed25519`) sign other bytes and
are left out here.
"""

import socket
from contextlib import closing
from dataclasses import dataclass

from golive.errors import Exit, Failure
from golive.evidence.signing.keys import KIND, RAW_BYTES, SIGNATURE_BYTES, PublicKey

PATIENCE_S = 60.0  # an agent may ask its owner, or want a touch
MOST_BYTES = 256 * 1024

_LIST, _LISTED, _SIGN, _SIGNED = 11, 12, 13, 14


@dataclass(frozen=True)
class AgentKey:
    """Implements `evidence.signing.keys.Signer` by the agent that listens at `address`."""

    address: str
    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        asked = bytes([_SIGN]) + _packed(self.public.blob) + _packed(message) + (0).to_bytes(4, "big")
        answer = _exchange(self.address, asked, _SIGNED)
        signature, _ = _unpacked(answer)
        kind, rest = _unpacked(signature)
        plain, _ = _unpacked(rest)
        if kind != KIND or len(plain) != SIGNATURE_BYTES or not self.public.verifies(plain, message):
            raise _trouble(self.address, "the agent's signature does not hold", f"it is of kind {kind!r}")
        return plain


def keys(address: str) -> tuple[AgentKey, ...]:
    """The Ed25519 keys that the agent holds, in its order."""
    answer = _exchange(address, bytes([_LIST]), _LISTED)
    count, rest = int.from_bytes(answer[:4], "big"), answer[4:]
    found = []
    for _ in range(min(count, 1000)):
        blob, rest = _unpacked(rest)
        _comment, rest = _unpacked(rest)
        key = PublicKey(blob[-RAW_BYTES:])
        if key.blob == blob:
            found.append(AgentKey(address=address, public=key))
    return tuple(found)


def _exchange(address: str, message: bytes, expected: int) -> bytes:
    try:
        with closing(socket.socket(socket.AF_UNIX)) as line:
            line.settimeout(PATIENCE_S)
            line.connect(address)
            line.sendall(_packed(message))
            size = int.from_bytes(_received(line, 4), "big")
            if not 1 <= size <= MOST_BYTES:
                raise OSError(f"its answer would have {size} bytes")
            answer = _received(line, size)
    except OSError as error:
        raise _trouble(address, "the ssh-agent does not answer", error.strerror or str(error)) from error
    if answer[0] != expected:
        raise _trouble(address, "the ssh-agent refused", f"it answered with message {answer[0]}; is it locked?")
    return answer[1:]


def _received(line: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = line.recv(size - len(content))
        if not part:
            raise OSError("it hung up")
        content += part
    return content


def _packed(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def _unpacked(text: bytes) -> tuple[bytes, bytes]:
    """The first part, and what follows; short input gives short parts, which fit nothing."""
    end = 4 + int.from_bytes(text[:4], "big")
    return text[4:end], text[end:]


def _trouble(address: str, what: str, why: str) -> Failure:
    return Failure(
        where=f"ssh-agent at {address}",
        what=what,
        why=why,
        next="look with ssh-add -l, or name a key file with --key",
        code=Exit.USAGE,
    )
