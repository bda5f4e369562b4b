"""The files of published heads: what lies in their place is never followed, and none is ever written over."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from golive.assembly.views import verified
from golive.controller.sealing import Seal
from golive.drivers.ledgers.checkpoints import FOLDER, NEWEST, CheckpointFiles
from golive.drivers.ledgers.projection import FILE
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.drivers.signers.keyfile import KeyFile
from golive.errors import Exit, Failure
from golive.evidence.record import Actor, Draft
from golive.evidence.tree.heads import Heads

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SIGNER, OTHER = (KeyFile(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)) for number in (7, 8))


class Clock:
    boot = "boot"

    def now(self) -> datetime:
        return NOON

    def mono_ns(self) -> int:
        return 0

    def new_id(self) -> str:
        return os.urandom(8).hex()


def ledger_of(folder: Path) -> SqliteLedger:
    return SqliteLedger(folder / ".golive", folder / "evidence")


def files_of(folder: Path) -> CheckpointFiles:
    return CheckpointFiles(folder / ".golive", folder / "evidence")


def note(name: str) -> Draft:
    return Draft(
        id=name, at=NOON, mono_ns=0, boot="", type="note", environment="", rollout="", actor=Actor(id="ann")
    )


def seal(folder: Path, *names: str, signer: KeyFile = SIGNER) -> None:
    """Record notes, and publish a head over everything."""
    ledger = ledger_of(folder)
    for name in names:
        ledger.append(note(name))
    Seal(ledger=ledger, checkpoints=files_of(folder), clock=Clock(), signer=signer, service="shop").put()
    ledger.close()


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A folder with heads of 4 records (one of them announces the key) and of 6."""
    seal(tmp_path, "a", "b", "c")
    seal(tmp_path, "d", "e")
    assert published(tmp_path) == ["4", "6"]
    return tmp_path


def published(folder: Path) -> list[str]:
    return sorted(os.listdir(folder / "evidence" / FOLDER))


def found_in(folder: Path) -> list[str]:
    heads = Heads(stored=files_of(folder).stored(), newest=NEWEST)
    for record in ledger_of(folder).read():
        heads.take(record)
    return [fault.where for fault in heads.findings()]


def pipe(place: Path) -> None:
    os.mkfifo(place)


def link(place: Path) -> None:
    place.symlink_to(place.parent.parent / "checkpoint")


PLANTED: list[Callable[[Path], None]] = [pipe, link, Path.mkdir, lambda place: place.write_bytes(b"x")]


def test_heads_as_they_were_published_have_no_findings(sealed: Path) -> None:
    assert found_in(sealed) == []


@pytest.mark.parametrize("plant", PLANTED, ids=["pipe", "link", "folder", "file"])
@pytest.mark.parametrize("name", ["4", "9", "note"])
def test_what_is_no_plain_head_is_found_and_waited_for_by_nobody(sealed: Path, plant, name: str) -> None:
    place = sealed / "evidence" / FOLDER / name
    place.unlink(missing_ok=True)
    plant(place)
    assert found_in(sealed) == [f"{FOLDER}/{name}"]


@pytest.mark.parametrize("plant", PLANTED, ids=["pipe", "link", "folder", "file"])
def test_no_head_is_published_over_a_larger_one_that_is_none(sealed: Path, plant) -> None:
    plant(sealed / "evidence" / FOLDER / "9")
    with pytest.raises(Failure) as refused:
        seal(sealed, "f")
    assert refused.value.code == Exit.TAMPERED


def test_a_folder_of_heads_elsewhere_is_refused(sealed: Path) -> None:
    folder = sealed / "evidence" / FOLDER
    folder.rename(sealed / "elsewhere")
    folder.symlink_to(sealed / "elsewhere")
    with pytest.raises(Failure) as refused:
        files_of(sealed).stored()
    assert refused.value.code == Exit.TAMPERED


def test_a_head_that_lies_outside_is_not_read(sealed: Path) -> None:
    """The very bytes that were published: they could be others for the next reader."""
    head = sealed / "evidence" / FOLDER / "4"
    head.rename(sealed / "outside")
    head.symlink_to(sealed / "outside")
    assert found_in(sealed) == [f"{FOLDER}/4"]


@pytest.mark.parametrize("name", ["5", "9"])
def test_a_head_under_the_name_of_another_size_is_found(sealed: Path, name: str) -> None:
    folder = sealed / "evidence" / FOLDER
    shutil.copy(folder / "4", folder / name)
    assert found_in(sealed) == [f"{FOLDER}/{name}"]


def test_nothing_is_sealed_on_a_head_under_the_name_of_another_size(sealed: Path) -> None:
    folder = sealed / "evidence" / FOLDER
    shutil.copy(folder / "4", folder / "9")
    with pytest.raises(Failure) as refused:
        seal(sealed, "f")
    assert refused.value.code == Exit.TAMPERED


def test_a_published_head_is_never_written_over(sealed: Path) -> None:
    """Who puts back an older head and an older log does not get our signature on another history."""
    evidence = sealed / "evidence"
    before = (evidence / FOLDER / "6").read_bytes()
    shutil.copy(evidence / FOLDER / "4", evidence / NEWEST)
    lines = (evidence / FILE).read_bytes().splitlines(keepends=True)
    (evidence / FILE).write_bytes(b"".join(lines[:4]))
    for part in (sealed / ".golive").glob("ledger.sqlite3*"):
        part.unlink()
    with pytest.raises(Failure) as refused:
        seal(sealed, "x", "y")
    assert refused.value.code == Exit.TAMPERED
    assert (evidence / FOLDER / "6").read_bytes() == before
    assert published(sealed) == ["4", "6"]


def test_a_crash_between_the_two_files_is_made_good_by_the_next_seal(sealed: Path) -> None:
    evidence = sealed / "evidence"
    shutil.copy(evidence / FOLDER / "4", evidence / NEWEST)
    assert found_in(sealed) == [], "the head before is one that was published"
    seal(sealed, "f")
    assert (evidence / NEWEST).read_bytes() == (evidence / FOLDER / "7").read_bytes()
    assert found_in(sealed) == []


def test_another_key_is_listed_as_not_proven(sealed: Path) -> None:
    """A clone without the key and a thief who rewrote the end look the same from the records."""
    seal(sealed, "f", signer=OTHER)
    seal(sealed, "g", signer=OTHER)
    found, _ = verified(sealed / "evidence", None)
    assert found.key_changes == (8,)
    assert [limit for limit in found.not_proven if "changed it in record 8" in limit]


def test_a_log_with_one_key_has_no_change_to_doubt(sealed: Path) -> None:
    found, _ = verified(sealed / "evidence", None)
    assert found.key_changes == ()
    assert not [limit for limit in found.not_proven if "changed it" in limit]


def test_what_a_crash_left_half_written_is_gone_after_the_next_seal(sealed: Path) -> None:
    evidence = sealed / "evidence"
    for folder in (FOLDER, "operations"):
        (evidence / folder / ".checkpoint.part").write_bytes(b"half a he")
    assert found_in(sealed) == []
    seal(sealed, "f")
    assert not list(evidence.rglob("*.part"))
