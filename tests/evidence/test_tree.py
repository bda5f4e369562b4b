"""The Merkle tree against its definition, signed notes, and what published heads find in a log."""

import base64
import hashlib
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from golive.errors import Failure
from golive.evidence.signing.keys import PublicKey
from golive.evidence.tree import note
from golive.evidence.tree.checkpoint import Checkpoint, checkpoint_in, origin_of
from golive.evidence.tree.heads import Heads
from golive.evidence.tree.merkle import (
    EMPTY,
    Frontier,
    consistency,
    includes,
    inclusion,
    is_consistent,
    leaf,
    root,
)
from golive.evidence.tree.proof import proof, proven
from record_drafts import draft, log

# The inputs and roots of RFC 6962's reference tests (certificate-transparency, merkle_tree_test).
VECTORS = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
VECTORS.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@dataclass(frozen=True)
class Hand:
    """A signer whose key comes from a number."""

    number: int = 1

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"%d" % self.number).digest())

    @property
    def public(self) -> PublicKey:
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


@pytest.mark.parametrize(("size", "expected"), ROOTS.items())
def test_the_root_is_that_of_the_published_vectors(size, expected):
    assert root([leaf(v) for v in VECTORS[:size]]).hex() == expected


def test_every_size_has_the_root_of_the_definition():
    leaves, frontier = [], Frontier()
    assert frontier.root() == EMPTY
    for number in range(130):
        leaves.append(leaf(b"%d" % number))
        frontier.take(leaves[-1])
        assert frontier.root() == by_definition(leaves)


def test_every_leaf_of_every_size_is_proven_and_no_other_is():
    leaves = [leaf(b"%d" % number) for number in range(40)]
    for size in range(1, 41):
        top = root(leaves[:size])
        for index in range(size):
            proof = inclusion(leaves[:size], index)
            assert includes(top, size, index, leaves[index], proof)
            assert not includes(top, size, index, leaf(b"other"), proof)
            assert not includes(top, size, (index + 1) % size, leaves[index], proof) or size == 1
            assert not includes(top, size, index, leaves[index], (*proof, top))
            assert not includes(top, size, size, leaves[index], proof)


def test_every_beginning_is_proven_and_no_other_is():
    leaves = [leaf(b"%d" % number) for number in range(40)]
    for size in range(1, 41):
        new = root(leaves[:size])
        for old_size in range(1, size + 1):
            proof, old = consistency(leaves[:size], old_size), root(leaves[:old_size])
            assert is_consistent(old, old_size, new, size, proof)
            assert not is_consistent(leaf(b"x"), old_size, new, size, proof)
            assert not is_consistent(old, old_size, leaf(b"x"), size, proof)
            assert not is_consistent(old, old_size, new, size, (*proof, new))
            assert not (proof and is_consistent(old, old_size, new, size, proof[:-1]))


def test_a_note_is_read_as_it_was_written():
    signed = note.sign("a\nb\n", "log.example/x", Hand())
    assert note.read(signed.encoded(), "note") == signed
    key = note.LogKey(name="log.example/x", public=Hand().public)
    assert signed.is_signed_by(key)
    assert note.log_key(str(key)) == key
    assert not signed.is_signed_by(note.LogKey(name="log.example/x", public=Hand(2).public))
    assert not signed.is_signed_by(note.LogKey(name="log.example/y", public=Hand().public))


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_of_a_note_is_refused_or_not_signed(place, change):
    content = bytearray(note.sign("a\nb\n", "log", Hand()).encoded())
    content[place % len(content)] ^= change
    try:
        read = note.read(bytes(content), "note")
    except (Failure, UnicodeDecodeError):
        return
    assert not read.is_signed_by(note.LogKey(name="log", public=Hand().public))


@pytest.mark.parametrize(
    "text", ["", "a\n", "o\n1\n", "o\n1\nAA==\nmore\n", "o\n01\nAA==\n", "o\nx\nAA==\n", "o\n1\nA\n"]
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(Failure):
        checkpoint_in(note.Note(text=text, signatures=()), "checkpoint")


# ── heads


def sealed(count, key=1, at=None):
    """A log that announces its key in record 2, and the checkpoints over it, by path."""
    first = log(draft(1))[0]
    name = origin_of(first.digest)
    vkey = str(note.LogKey(name=name, public=Hand(key).public))
    announced = draft(2, type="log.key", environment="", body={"vkey": vkey})
    records = log(draft(1), announced, *(draft(n) for n in range(3, count + 1)))
    stored = {}
    for size in at or (count,):
        head = Checkpoint(origin=name, size=size, root=root([leaf(r.line.encode()) for r in records[:size]]))
        stored[f"operations/checkpoints/{size}"] = note.sign(head.text(), name, Hand(key)).encoded()
    stored["operations/checkpoint"] = stored[f"operations/checkpoints/{max(at or (count,))}"]
    return records, stored


def faults(records, stored):
    heads = Heads(stored=stored, newest="operations/checkpoint")
    for record in records:
        heads.take(record)
    return [f"{f.where}: {f.what}" for f in heads.findings()], heads.signed_size


def test_heads_that_hold_have_no_findings_and_say_how_far_they_reach():
    records, stored = sealed(9, at=(3, 7))
    assert faults(records, stored) == ([], 7)


def test_records_cut_off_behind_a_head_are_missed():
    records, stored = sealed(9, at=(3, 7))
    found, _ = faults(records[:6], stored)
    assert any("a head of 7 records, and the log has 6" in fault for fault in found)


def test_a_log_that_was_rewritten_does_not_fit_its_heads():
    records, stored = sealed(9, at=(3, 7))
    others, _ = sealed(9)
    rewritten = log(*(r.draft for r in records[:4]), *(draft(n, rollout="other") for n in range(5, 10)))
    assert len(others) == len(rewritten)
    found, reach = faults(rewritten, stored)
    assert any("its root is not that of these records" in fault for fault in found)
    assert reach == 3


def test_a_head_by_another_key_is_found():
    records, _ = sealed(9)
    _, forged = sealed(9, key=2)
    found, reach = faults(records, forged)
    assert reach == 0
    assert found


def test_a_head_of_another_log_is_found():
    records, _ = sealed(9)
    name = "golive.invalid/log/other"
    head = Checkpoint(origin=name, size=9, root=root([leaf(r.line.encode()) for r in records]))
    content = note.sign(head.text(), name, Hand()).encoded()
    found, _ = faults(records, {"operations/checkpoints/9": content, "operations/checkpoint": content})
    assert any("the head of another log" in fault for fault in found)


def test_an_older_head_put_in_the_newest_place_is_still_a_published_one_and_an_unknown_is_not():
    records, stored = sealed(9, at=(3, 7))
    stored["operations/checkpoint"] = stored["operations/checkpoints/3"]
    assert faults(records, stored) == ([], 7)
    del stored["operations/checkpoints/3"]
    assert any("not among those" in fault for fault in faults(records, stored)[0])


def test_base64_with_stray_bits_is_refused():
    content = note.sign("a\n", "log", Hand()).encoded().decode()
    body = content.rstrip("\n")
    last = base64.b64decode(body.rpartition(" ")[2])
    assert len(last) == 68
    stray = body[:-2] + chr(ord(body[-2]) + 1) + body[-1] if body.endswith("=") else body[:-1] + "="
    with pytest.raises((Failure, ValueError)):
        note.read((stray + "\n").encode(), "note")


# ── handing over one record


def test_every_record_can_be_handed_over_alone():
    records, stored = sealed(9)
    lines = [record.line.encode() for record in records]
    key = note.LogKey(name=origin_of(records[0].digest), public=Hand().public)
    for index in range(9):
        text = proof(lines, index, stored["operations/checkpoint"])
        line, head = proven(text, key, "proof")
        assert (line, head.size) == (lines[index], 9)
        other = note.LogKey(name=key.name, public=Hand(2).public)
        with pytest.raises(Failure, match="not signed with this key"):
            proven(text, other, "proof")


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_of_a_proof_is_found(place, change):
    records, stored = sealed(9)
    key = note.LogKey(name=origin_of(records[0].digest), public=Hand().public)
    text = bytearray(proof([r.line.encode() for r in records], 4, stored["operations/checkpoint"]))
    text[place % len(text)] ^= change
    with pytest.raises(Failure):
        proven(bytes(text), key, "proof")
