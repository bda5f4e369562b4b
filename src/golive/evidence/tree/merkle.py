"""A Merkle tree over lines: one digest for a whole log, and short proofs about it.

Source: RFC 6962 section 2.1 for the hashes, RFC 9162 section 2.1 for checking proofs. Leaves are hashed with a 0
before them, inner nodes with a 1, so that neither can pass for the other. The root of no lines is SHA-256 of
nothing. Making a proof and checking it are written separately, and share only the two hashes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256().digest()


def leaf(line: bytes) -> bytes:
    return hashlib.sha256(b"\0" + line).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


@dataclass
class Frontier:
    """The tree as far as it goes: takes leaves one by one, knows its root; memory grows with the logarithm."""

    size: int = 0
    _peaks: list[bytes] = field(default_factory=list)  # roots of the full subtrees, the largest first

    def take(self, hashed: bytes) -> None:
        """Add a leaf that was hashed by `leaf`."""
        full = self.size
        while full & 1:
            hashed = node(self._peaks.pop(), hashed)
            full >>= 1
        self._peaks.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY
        *lower, found = self._peaks
        for peak in reversed(lower):
            found = node(peak, found)
        return found


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over hashed leaves."""
    frontier = Frontier()
    for hashed in leaves:
        frontier.take(hashed)
    return frontier.root()


def inclusion(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """What proves that leaf `index` (from 0) is in the tree over `leaves`; lowest sibling first."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"leaf {index} of {len(leaves)}")
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        return (*inclusion(leaves[:split], index), root(leaves[split:]))
    return (*inclusion(leaves[split:], index - split), root(leaves[:split]))


def includes(root_hash: bytes, size: int, index: int, hashed: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that `hashed` is leaf `index` of the tree with this root and size."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, hashed
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node(sibling, found)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found = node(found, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root_hash


def consistency(leaves: Sequence[bytes], size: int) -> tuple[bytes, ...]:
    """What proves that the tree over the first `size` leaves is the beginning of the tree over all of them."""
    if not 0 < size <= len(leaves):
        raise ValueError(f"the first {size} of {len(leaves)}")
    return _consistency(leaves, size, is_known=True)


def is_consistent(old: bytes, old_size: int, new: bytes, new_size: int, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the old tree is the beginning of the new one."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old == new
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old)
    if not path:
        return False
    here, last = old_size - 1, new_size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            first, second = node(sibling, first), node(sibling, second)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            second = node(second, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and first == old and second == new


def _consistency(leaves: Sequence[bytes], size: int, *, is_known: bool) -> tuple[bytes, ...]:
    if size == len(leaves):
        return () if is_known else (root(leaves),)
    split = _split(len(leaves))
    if size <= split:
        return (*_consistency(leaves[:split], size, is_known=is_known), root(leaves[split:]))
    return (*_consistency(leaves[split:], size - split, is_known=False), root(leaves[:split]))


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
