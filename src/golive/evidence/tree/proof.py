"""One record handed over: its line, its way up the tree, and a signed head. Shape: C2SP tlog-proof.

`c2sp.org/tlog-proof@v1`, `extra BASE64` (the line itself), `index N` (from 0), the hashes in base64, an empty
line, the checkpoint. Whoever has the log's verifier key needs nothing else. Source: https://c2sp.org/tlog-proof.
"""

import base64
import binascii

from golive.evidence.shape import tampered
from golive.evidence.tree import note
from golive.evidence.tree.checkpoint import Checkpoint, checkpoint_in
from golive.evidence.tree.merkle import includes, inclusion, leaf

HEADER = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 64


def proof(lines: list[bytes], index: int, checkpoint: bytes) -> bytes:
    """The proof that line `index` (from 0) is in the log under `checkpoint`; `lines` has all those under it."""
    size = checkpoint_in(note.read(checkpoint, "checkpoint"), "checkpoint").size
    hashes = inclusion([leaf(line) for line in lines[:size]], index)
    told = [HEADER, f"extra {_text(lines[index])}", f"index {index}", *map(_text, hashes), ""]
    return "\n".join(told).encode() + b"\n" + checkpoint


def proven(text: bytes, key: note.LogKey, where: str) -> tuple[bytes, Checkpoint]:
    """The line that a proof hands over, and the head it is under; `Failure` (exit 5) when it proves nothing."""
    try:
        head, _, checkpoint = text.partition(b"\n\n")
        header, extra, index, *hashes = head.decode("ascii").split("\n")
        if header != HEADER or not extra.startswith("extra ") or not index.startswith("index "):
            raise ValueError("it does not begin as one")
        if len(hashes) > MOST_HASHES:
            raise ValueError(f"it has {len(hashes)} hashes")
        line, path = _bytes(extra[6:]), [_bytes(one) for one in hashes]
        place = int(index[6:])
        if index != f"index {place}":
            raise ValueError("its index has another form")
    except ValueError as error:
        raise tampered(where, "this is not a proof", str(error)) from error
    signed = note.read(checkpoint, where)
    found = checkpoint_in(signed, where)
    if not signed.is_signed_by(key):
        raise tampered(where, "its head is not signed with this key", str(key))
    if not includes(found.root, found.size, place, leaf(line), path):
        raise tampered(where, "this record is not in that log", f"record {place + 1} of {found.size}")
    return line, found


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if _text(content) != text:
        raise ValueError("its base64 has another form")
    return content
