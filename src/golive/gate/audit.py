"""What a stranger checks beyond bytes: that the records are a run which was allowed to happen.

The chain, the files and the tree are `evidence.verification`; here the specification that each rollout began with
is read from the evidence, its wish is made again, and the records are replayed against it.
"""

from collections.abc import Callable, Iterable, Iterator

from golive.errors import Failure
from golive.evidence.record import Artifact, Record
from golive.evidence.shape import tampered
from golive.release.replay import breaches
from golive.release.wanted import Wanted, wish_again
from golive.spec.parse import parse
from golive.spec.values import Spec

SPECS = "operations/specs/"

Read = Callable[[Artifact], bytes]


def replayed(records: Iterable[Record], read: Read, where: str) -> Iterator[Failure]:
    """A finding (exit 5) for every record that no controller of ours would have written there."""
    wishes = Wishes(read)
    for breach in breaches(records, wishes.of):
        yield tampered(f"{where}:{breach.seq}", breach.what, breach.why)


class Wishes:
    """What rollouts wanted, made again from the evidence; each specification is read once."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._specs: dict[str, Spec] = {}

    def of(self, record: Record) -> Wanted | None:
        """The wish of a `rollout.wanted` record; None when its specification is not among its files or no longer
        one that this version reads."""
        draft = record.draft
        kept = next((a for a in draft.artifacts if a.path.startswith(SPECS)), None)
        if kept is None:
            return None
        try:
            if kept.sha256 not in self._specs:
                self._specs[kept.sha256] = parse(self._read(kept), name=f"evidence/{kept.path}")
            return wish_again(self._specs[kept.sha256], draft.environment, draft.rollout, draft.body)
        except (Failure, KeyError):
            return None
