"""Database and file: what is mended, what is refused as tampering, and that reading changes nothing."""

import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from golive.drivers.artifacts import ArtifactStore
from golive.drivers.ledgers.inspection import inspected
from golive.drivers.ledgers.projection import FILE, read_head, read_projection
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.errors import Exit, Failure
from golive.evidence.chain import START, verify_chain
from golive.evidence.ledger import Holder
from golive.evidence.redaction import Redactor
from golive.evidence.verification import Verified, verify
from ledger_script import append

ANN = Holder(actor="ann", where="pid 4711 on build-7", since=datetime(2026, 1, 2, 12, 3, 11, tzinfo=UTC))


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A folder with five records, properly closed."""
    ledger = opened(tmp_path)
    for number in range(5):
        append(ledger, number, None)
    ledger.close()
    return tmp_path


def opened(folder: Path) -> SqliteLedger:
    return SqliteLedger(folder / ".golive", folder / "evidence")


def database(folder: Path) -> Path:
    return folder / ".golive" / "ledger.sqlite3"


def records(folder: Path) -> Path:
    return folder / "evidence" / FILE


def ids(folder: Path) -> list[str]:
    return [record.draft.id for record in read_projection(folder / "evidence")]


def grow(folder: Path) -> None:
    """What the next controller does first."""
    ledger = opened(folder)
    append(ledger, 99, None)
    ledger.close()


def checked(folder: Path) -> Verified:
    with inspected(folder / "evidence", folder / ".golive") as log:
        return verify(log, ArtifactStore(folder / "evidence", Redactor({})))


def everything(folder: Path) -> dict[Path, tuple[int, int, int]]:
    found = [folder, *folder.rglob("*")]
    return {path: (path.stat().st_mtime_ns, path.stat().st_ctime_ns, path.stat().st_size) for path in found}


# Reading


def test_reading_writes_nothing_at_all(service: Path) -> None:
    holder = opened(service)
    lease = holder.take("production", ANN)
    append(holder, 5, lease)
    before = everything(service)
    reader = opened(service)
    assert (len(reader.read()), reader.head(), reader.holder("production")) == (7, holder.head(), ANN)
    assert checked(service).pending == 0
    assert everything(service) == before
    reader.close()
    holder.close()
    assert opened(service).holder("production") is None


def test_reading_a_service_that_has_no_folders_makes_none(tmp_path: Path) -> None:
    reader = opened(tmp_path)
    assert (reader.read(), reader.head(), reader.holder("production")) == ([], START, None)
    reader.close()
    assert not list(tmp_path.iterdir())


def test_reading_works_without_the_right_to_write(service: Path) -> None:
    """As another user would, and as a controller holds the ledger open."""
    holder = opened(service)
    append(holder, 5, None)
    for path in [*service.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert (len(opened(service).read()), opened(service).head().seq) == (6, 6)
    finally:
        for path in [*service.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        holder.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(service: Path) -> None:
    for folder in (service / "evidence" / "operations", service / ".golive"):
        folder.chmod(0)
    try:
        reader = opened(service)
        for attempt in (reader.read, reader.head, lambda: reader.holder("production")):
            with pytest.raises(Failure) as refused:
                attempt()
            assert "Permission denied" in refused.value.why
    finally:
        for folder in (service / "evidence" / "operations", service / ".golive"):
            folder.chmod(0o755)


def test_reading_does_not_import_what_only_writing_needs(service: Path) -> None:
    """`golive status` has 150 ms."""
    program = (
        "import sys; from pathlib import Path; from golive.drivers.ledgers.sqlite import SqliteLedger\n"
        f"ledger = SqliteLedger(Path({str(service / '.golive')!r}), Path({str(service / 'evidence')!r}))\n"
        "assert len(ledger.read()) == 5 and ledger.head().seq == 5 and ledger.holder('production') is None\n"
        "print(*{'sqlite3', 'rfc8785', 'pydantic', 'asyncio', 'cryptography'} & sys.modules.keys())"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == ""


def test_a_reader_sees_no_line_that_is_still_being_written(service: Path) -> None:
    whole = records(service).read_bytes()
    for end in range(len(whole) - 300, len(whole)):
        records(service).write_bytes(whole[:end])
        assert len(read_projection(service / "evidence")) == read_head(service / "evidence").seq == 4


def test_a_reader_refuses_a_line_that_does_not_follow(service: Path) -> None:
    lines = records(service).read_bytes().split(b"\n")
    records(service).write_bytes(b"\n".join([lines[0], *lines[2:]]))
    with pytest.raises(Failure) as refused:
        opened(service).read()
    assert refused.value.code == Exit.TAMPERED
    assert refused.value.where == f"{records(service)}:2"


# Mending


def test_a_torn_or_missing_end_is_completed_from_the_database(service: Path) -> None:
    whole = records(service).read_bytes()
    for size in {*range(0, len(whole), 101), len(whole) - 1}:
        records(service).write_bytes(whole[:size])
        opened_again = opened(service)
        opened_again.take("staging", ANN)
        opened_again.close()
        assert records(service).read_bytes().startswith(whole)
        whole = records(service).read_bytes()
    assert checked(service).pending == 0


def test_blocks_that_were_never_written_count_as_torn(service: Path) -> None:
    """After a power cut some file systems show zeros where the end of the file was."""
    whole = records(service).read_bytes()
    records(service).write_bytes(whole[:-50] + b"\0" * 30)
    grow(service)
    assert records(service).read_bytes().startswith(whole)


def test_a_missing_file_is_written_anew_from_the_database(service: Path) -> None:
    whole = records(service).read_bytes()
    shutil.rmtree(service / "evidence")
    grow(service)
    assert records(service).read_bytes().startswith(whole)


@pytest.mark.parametrize("remains", ["nothing", "an empty database", "a WAL without its database"])
def test_a_lost_database_is_made_again_from_the_file(service: Path, remains: str) -> None:
    """A fresh clone, or somebody deleted `.golive`."""
    before = opened(service)
    lease = before.take("production", ANN)
    if remains == "a WAL without its database":
        kept = (service / ".golive" / "ledger.sqlite3-wal").read_bytes()
        before.close()
        database(service).unlink()
        (service / ".golive" / "ledger.sqlite3-wal").write_bytes(kept)
    else:
        before.close()
        shutil.rmtree(service / ".golive")
    if remains == "an empty database":
        (service / ".golive").mkdir()
        sqlite3.connect(database(service)).close()
    after = opened(service)
    assert after.take("production", ANN).epoch == lease.epoch + 1, "epochs go on"
    assert [record.draft.id for record in after.read()][:5] == [f"id-{n}" for n in range(5)]
    after.close()
    assert checked(service).pending == 0


def test_half_a_line_at_the_end_is_dropped_when_the_database_was_lost(service: Path) -> None:
    shutil.rmtree(service / ".golive")
    os.truncate(records(service), records(service).stat().st_size - 1)
    grow(service)
    assert ids(service) == ["id-0", "id-1", "id-2", "id-3", "id-99"]


# Refusing


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 0x01
    path.write_bytes(content)


def edit(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old, new)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (edit(b'"id":"id-0"', b'"id":"id-x"'), 1),
        (edit(b'"id":"id-4"', b'"id":"id-x"'), 5),
        (lambda content: content + b"x", 6),
        (lambda content: content + b"\0", 6),
        (lambda content: content + content.split(b"\n")[-2] + b"\n", 6),
        (lambda content: b"\n".join(content.split(b"\n")[1:]), 1),
        (lambda content: content.replace(b"\n", b"\r\n"), 1),
        (lambda content: content[:-60] + b"forged", 5),
    ],
)
def test_any_other_difference_is_tampering_and_names_file_and_line(
    service: Path, change: Callable[[bytes], bytes], line: int
) -> None:
    records(service).write_bytes(change(records(service).read_bytes()))
    for attempt in (lambda: opened(service).take("production", ANN), lambda: checked(service)):
        with pytest.raises(Failure) as refused:
            attempt()
        assert refused.value.code == Exit.TAMPERED
        assert f":{line}" in refused.value.where


def test_nothing_is_written_once_tampering_was_found(service: Path) -> None:
    flip(records(service), 100)
    before = records(service).read_bytes()
    ledger = opened(service)
    for _ in range(2):
        with pytest.raises(Failure):
            ledger.take("production", ANN)
    assert records(service).read_bytes() == before


def test_a_lost_database_is_not_made_again_from_a_file_whose_chain_is_broken(service: Path) -> None:
    shutil.rmtree(service / ".golive")
    lines = records(service).read_bytes().split(b"\n")
    records(service).write_bytes(b"\n".join([*lines[:2], *lines[3:], b"half a line"]))
    before = records(service).read_bytes()
    ledger = opened(service)
    for attempt in (lambda: ledger.take("production", ANN), ledger.read):
        with pytest.raises(Failure) as refused:
            attempt()
        assert refused.value.where == f"{records(service)}:3"
    assert records(service).read_bytes() == before, "what is left of the evidence is not touched"


@pytest.mark.parametrize(
    ("change", "found_by_verify"),
    [
        ("UPDATE records SET line = replace(CAST(line AS TEXT), 'id-2', 'id-x') WHERE seq = 3", True),
        ("DELETE FROM records WHERE seq = 2", True),
        ("DELETE FROM records WHERE seq = 5", True),
        # Records that only the database has may be on their way into the file; the next writer looks at them.
        ("INSERT INTO records SELECT 6, env, 'another', epoch, line FROM records WHERE seq = 5", False),
        ("INSERT INTO records SELECT 7, env, 'another', epoch, 'x' FROM records WHERE seq = 5", False),
    ],
)
def test_a_database_that_was_edited_is_refused_before_anything_is_written(
    service: Path, change: str, found_by_verify: bool
) -> None:
    before = records(service).read_bytes()
    with sqlite3.connect(database(service)) as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(Failure) as refused:
        opened(service).take("production", ANN)
    assert refused.value.code == Exit.TAMPERED
    assert records(service).read_bytes() == before
    if found_by_verify:
        with pytest.raises(Failure):
            checked(service)


@pytest.mark.parametrize("column", ["env = 'staging'", "id = 'id-x'", "epoch = 9"])
def test_a_column_that_contradicts_its_line_is_found_by_verify(service: Path, column: str) -> None:
    with sqlite3.connect(database(service)) as connection:
        connection.execute(f"UPDATE records SET {column} WHERE seq = 3")
    with pytest.raises(Failure, match="columns"):
        checked(service)


def test_a_damaged_database_is_refused(service: Path) -> None:
    size = database(service).stat().st_size
    with database(service).open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(size // 2))
    for attempt in (lambda: opened(service).take("production", ANN), lambda: checked(service)):
        with pytest.raises(Failure) as refused:
            attempt()
        assert refused.value.code == Exit.TAMPERED


@pytest.mark.parametrize("covered_by", ["database", "pin"])
def test_a_thousand_flipped_bytes_are_all_found(service: Path, covered_by: str) -> None:
    """The newest record is named by no other, so something outside the file must know it."""
    whole, head, chance = records(service).read_bytes(), read_head(service / "evidence"), random.Random(20260102)
    state, pin = (".golive", None) if covered_by == "database" else ("nowhere", head)
    found = 0
    for _ in range(1000):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] ^= chance.randrange(1, 256)
        records(service).write_bytes(changed)
        with pytest.raises(Failure) as refused, inspected(service / "evidence", service / state) as log:
            verify(log, ArtifactStore(service / "evidence", Redactor({})), pin)
        found += refused.value.code == Exit.TAMPERED
    assert found == 1000


# The state folder


def test_a_state_folder_that_is_deleted_under_a_controller_stops_it(service: Path) -> None:
    ledger = opened(service)
    lease = ledger.take("production", ANN)
    shutil.rmtree(service / ".golive")
    with pytest.raises(Failure) as refused:
        ledger.append(ledger.read()[-1].draft, lease=lease)
    assert refused.value.code == Exit.REFUSED
    other = opened(service)
    assert other.take("production", ANN).epoch == lease.epoch + 1
    other.close()


@pytest.mark.parametrize("environment", ["", "../x", "a/b", "Production", "a b", ".x", "x" * 101])
def test_an_environment_that_is_no_file_name_gets_no_lease(tmp_path: Path, environment: str) -> None:
    with pytest.raises(Failure) as refused:
        opened(tmp_path).take(environment, ANN)
    assert refused.value.code == Exit.USAGE


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".golive").write_text("a file")
    with pytest.raises(Failure) as refused:
        opened(tmp_path).take("production", ANN)
    assert str(tmp_path / ".golive") in refused.value.where
    assert refused.value.next


def test_state_is_private_and_evidence_is_not(service: Path) -> None:
    assert stat.S_IMODE((service / ".golive").stat().st_mode) == 0o700
    assert stat.S_IMODE(records(service).stat().st_mode) & 0o400


def test_a_link_in_place_of_the_records_is_not_followed(service: Path) -> None:
    elsewhere = service / "elsewhere"
    records(service).rename(elsewhere)
    records(service).symlink_to(elsewhere)
    with pytest.raises(Failure):
        opened(service).take("production", ANN)


def test_the_file_can_be_checked_without_golive(service: Path) -> None:
    """What docs/reference/evidence.md promises: any JSON reader and any SHA-256 will do."""
    lines = records(service).read_bytes().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3, 4, 5]
    assert verify_chain(lines).seq == 5
