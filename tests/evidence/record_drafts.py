"""Drafts and logs to test with."""

from datetime import UTC, datetime, timedelta

from golive.evidence.canonical import seal
from golive.evidence.record import Actor, Draft, Record
from golive.evidence.shape import NO_DIGEST

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


def draft(number: int = 1, **fields: object) -> Draft:
    plain: dict[str, object] = {
        "id": f"id-{number}",
        "at": NOON + timedelta(seconds=number),
        "mono_ns": number * 1_000_000_000,
        "boot": "boot-1",
        "type": "note",
        "environment": "production",
        "rollout": "web-42",
        "actor": Actor(id="ann"),
    }
    return Draft(**(plain | fields))  # type: ignore[arg-type]


def log(*drafts: Draft) -> list[Record]:
    """The drafts as a chain, without any check of what they say."""
    records: list[Record] = []
    prev = NO_DIGEST
    for seq, one in enumerate(drafts, 1):
        records.append(seal(one, seq=seq, prev=prev))
        prev = records[-1].digest
    return records


def lines(records: list[Record]) -> list[bytes]:
    return [record.line.encode() for record in records]
