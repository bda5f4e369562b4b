"""The process dies at every call that writes while a head is published: the next seal heals what is left."""

import itertools
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from golive.assembly.evidence import renew_manifest
from golive.assembly.place import Folders
from golive.assembly.seal import log_signer
from golive.assembly.views import verified
from golive.controller.sealing import Seal
from golive.drivers.ledgers.checkpoints import CheckpointFiles
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.errors import Exit, Failure
from golive.evidence.record import Actor, Draft

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
CALLS = ("open", "write", "fsync", "fdatasync", "rename", "replace", "link", "mkdir", "unlink")


class Died(BaseException):
    """`kill -9`, as far as one process can do it to itself: nothing after this call happens."""


class Clock:
    boot = "boot"

    def __init__(self):
        self._ticks = itertools.count(100)

    def now(self):
        return NOON + timedelta(seconds=next(self._ticks))

    def mono_ns(self):
        return next(self._ticks) * 10**9

    def new_id(self):
        return f"id-{next(self._ticks)}"


def work(folder: Path, clock: Clock, notes: int) -> list[str]:
    """What a command does: record something, seal, renew the manifest. Gives the ids that were acknowledged."""
    here = Folders(folder)
    ledger = SqliteLedger(here.state, here.evidence)
    acknowledged = []
    try:
        for _ in range(notes):
            draft = Draft(
                id=clock.new_id(),
                at=clock.now(),
                mono_ns=clock.mono_ns(),
                boot="boot",
                type="note",
                environment="production",
                rollout="",
                actor=Actor(id="ann"),
            )
            acknowledged.append(ledger.append(draft).draft.id)
        seal(here, ledger, clock)
    except Died:
        pass
    return acknowledged


def seal(here: Folders, ledger: SqliteLedger, clock: Clock) -> None:
    checkpoints = CheckpointFiles(here.state, here.evidence)
    head = Seal(ledger=ledger, checkpoints=checkpoints, clock=clock, signer=log_signer(here), service="shop").put()
    assert head
    renew_manifest(here, ledger, head.size)


def dying_at(number: int, patch: pytest.MonkeyPatch) -> list[int]:
    """From the n-th call of those that write on, nothing happens any more. Gives the count of calls."""
    count = [0]

    def wrapped(real):
        def call(*args, **kwargs):
            count[0] += 1
            if count[0] >= number:
                raise Died
            return real(*args, **kwargs)

        return call

    for name in CALLS:
        patch.setattr(os, name, wrapped(getattr(os, name)))
    for name in ("replace", "unlink"):
        patch.setattr(Path, name, wrapped(getattr(Path, name)))
    return count


def test_a_crash_at_every_call_of_a_seal_loses_nothing(tmp_path):
    points = 0
    for number in range(1, 400):
        folder = tmp_path / str(number)
        clock = Clock()
        before = work(folder, clock, 3)
        with pytest.MonkeyPatch.context() as patch:
            count = dying_at(number, patch)
            during = work(folder, clock, 1)
        verdict_after_a_crash(folder)
        after = work(folder, clock, 1)
        found, _ = verified(folder / "evidence", None)
        kept = {record.draft.id for record in SqliteLedger(folder / ".golive", folder / "evidence").read()}
        assert {*before, *during, *after} <= kept
        assert found.signed_size == found.records
        if count[0] < number:
            break
        points += 1
    assert points >= 15, "this swept over nothing"


def verdict_after_a_crash(folder: Path) -> None:
    """Right after the crash a stranger finds no tampering: at most what is on its way is missing."""
    try:
        verified(folder / "evidence", None)
    except Failure as failure:
        raise AssertionError(f"exit {failure.code}: {failure}") from failure


def test_a_head_that_does_not_fit_is_not_built_upon(tmp_path):
    clock = Clock()
    work(tmp_path, clock, 3)
    newest = tmp_path / "evidence" / "operations" / "checkpoint"
    lines = newest.read_text().split("\n")
    newest.write_text("\n".join([lines[0], "2", *lines[2:]]))
    here = Folders(tmp_path)
    with pytest.raises(Failure) as refused:
        seal(here, SqliteLedger(here.state, here.evidence), clock)
    assert refused.value.code == Exit.TAMPERED


def test_a_clone_without_the_key_makes_another_and_says_so(tmp_path):
    clock = Clock()
    work(tmp_path, clock, 2)
    (tmp_path / ".golive" / "keys" / "log.key").unlink()
    (tmp_path / ".golive" / "keys" / "log.key.pub").unlink()
    work(tmp_path, clock, 1)
    found, _ = verified(tmp_path / "evidence", None)
    assert len(found.log_keys) == 2
    assert found.signed_size == found.records
