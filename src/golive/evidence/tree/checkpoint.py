"""Checkpoints: the signed head of the log. Who has one can hold every later copy of the log against it.

Shape: a signed note of three lines: origin, number of records, base64 of the root. The origin names the log by
its first record, so that it needs no configuration and two logs never share one.
Source: https://c2sp.org/tlog-checkpoint.
"""

import base64
from dataclasses import dataclass
from typing import Protocol

from golive.evidence.shape import tampered
from golive.evidence.tree import note

HOST = "golive.invalid/log/"


class Checkpoints(Protocol):
    """Where checkpoints are kept; implemented by `drivers.ledgers.checkpoints`."""

    def newest(self) -> bytes | None:
        """The checkpoint that was published last; None when none was."""
        ...

    def publish(self, size: int, content: bytes) -> None:
        """Keep it durably as that of `size` records, and as the newest; a smaller one changes nothing."""
        ...


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def origin_of(first_digest: str) -> str:
    """The name of the log whose first record has this digest."""
    return HOST + first_digest[:32]


def checkpoint_in(found: note.Note, where: str) -> Checkpoint:
    """The checkpoint that a note holds, whoever signed it; `Failure` (exit 5) when it holds none."""
    try:
        origin, size, root, *more = found.text.removesuffix("\n").split("\n")
        checkpoint = Checkpoint(origin=origin, size=int(size), root=base64.b64decode(root, validate=True))
    except ValueError as error:
        raise tampered(where, "this note is not a checkpoint", str(error)) from error
    if more or checkpoint.text() != found.text:
        raise tampered(where, "this checkpoint is not in its one form", "it has three lines: origin, size, root")
    return checkpoint
