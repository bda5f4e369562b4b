"""What `golive evidence verify` finds, and that it finds it where it is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from golive.errors import Exit, Failure
from golive.evidence.ledger import Head
from golive.evidence.record import Artifact, Record
from golive.evidence.verification import Log, Measured, Verified, read_pin, verify
from record_drafts import draft, lines, log

STEPS = Artifact(
    path="operations/deployments/d1/steps.log",
    sha256=hashlib.sha256(b"did it").hexdigest(),
    size_bytes=6,
    media_type="text/plain",
)
RECORDS = log(draft(1), draft(2, artifacts=(STEPS,)), draft(3))
LINES = lines(RECORDS)


@dataclass(frozen=True)
class Folder:
    """Implements `Files` on what is in a mapping."""

    files: Mapping[str, bytes]

    def paths(self) -> list[str]:
        return list(self.files)

    def measure(self, path: str) -> Measured | None:
        content = self.files.get(path)
        if content is None:
            return None
        return Measured(size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


WHOLE = Folder({STEPS.path: b"did it"})


def check(log: Log, folder: Folder = WHOLE, pin: str | None = None) -> Verified:
    return verify(log, folder, read_pin(pin) if pin else None)


def log_of(some: list[bytes], **fields: object) -> Log:
    return replace(Log(where="records.jsonl", lines=some, ledger_where="ledger.sqlite3"), **fields)  # type: ignore[arg-type]


def rows(records: list[Record]) -> list[tuple[bytes, str]]:
    return [(record.line.encode(), "") for record in records]


def findings(*args: object, **fields: object) -> list[str]:
    with pytest.raises(Failure) as found:
        check(*args, **fields)  # type: ignore[arg-type]
    assert found.value.code == Exit.TAMPERED
    return [str(failure) for failure in (found.value, *found.value.also)]


def test_evidence_that_holds_says_what_it_holds() -> None:
    found = check(log_of(LINES, ledger=rows(RECORDS)), pin=f"2:{RECORDS[1].digest}")
    assert found == Verified(
        head=Head(seq=3, digest=RECORDS[2].digest),
        records=3,
        artifacts=1,
        unvouched=(),
        pending=0,
        pin=Head(seq=2, digest=RECORDS[1].digest),
        signed_size=0,
        log_keys=(),
    )


def test_a_folder_without_a_database_is_checked_by_itself() -> None:
    assert check(log_of(LINES)).pending is None


def test_files_that_no_record_names_are_listed_not_refused() -> None:
    extra = Folder({**WHOLE.files, "operations/extra.txt": b"", "README.md": b"x"})
    assert check(log_of(LINES), extra).unvouched == ("README.md", "operations/extra.txt")


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({}, "operations/deployments/d1/steps.log: this file is missing"),
        ({STEPS.path: b"did not"}, "operations/deployments/d1/steps.log: this file was changed"),
        ({STEPS.path: b"did it "}, "operations/deployments/d1/steps.log: this file was changed"),
    ],
)
def test_a_file_that_a_record_vouches_for_must_be_there_unchanged(files: dict[str, bytes], what: str) -> None:
    assert findings(log_of(LINES), Folder(files)) == [what]


def test_two_records_may_vouch_for_one_file_but_not_for_two_contents() -> None:
    same = lines(log(draft(1, artifacts=(STEPS,)), draft(2, artifacts=(STEPS,))))
    assert check(log_of(same)).artifacts == 1
    other = lines(log(draft(1, artifacts=(STEPS,)), draft(2, artifacts=(replace(STEPS, sha256="0" * 64),))))
    assert findings(log_of(other)) == ["operations/deployments/d1/steps.log: this file was changed"]


def test_everything_found_is_told_at_once() -> None:
    told = findings(log_of([*LINES[:2], LINES[2][:-1]]), Folder({}), pin=f"2:{'0' * 16}")
    assert told == [
        "records.jsonl:2: this is not the record of the pinned head",
        "operations/deployments/d1/steps.log: this file is missing",
        "records.jsonl:3: this is not a canonical record",
    ]


@pytest.mark.parametrize(
    ("ledger", "what"),
    [
        (rows(RECORDS)[:2], "ledger.sqlite3:3: this record is in the file and not in the database"),
        ([*rows(RECORDS)[:1], (b"{}", ""), rows(RECORDS)[2]], "ledger.sqlite3:2: the database holds another line"),
        ([(LINES[0], "wrong"), *rows(RECORDS)[1:]], "ledger.sqlite3:1: the database's columns do not say"),
        ([], "ledger.sqlite3:1: this record is in the file and not in the database"),
    ],
)
def test_a_database_that_differs_from_the_file_is_found(ledger: list[tuple[bytes, str]], what: str) -> None:
    assert findings(log_of(LINES, ledger=ledger))[0].startswith(what)


def test_records_that_wait_for_the_file_are_not_tampering() -> None:
    """The last writer was killed between database and file; the next one completes the file."""
    assert check(log_of(LINES[:2], torn=LINES[2][:17], ledger=rows(RECORDS))).pending == 1


def test_half_a_line_that_no_database_explains_is_found() -> None:
    torn = ["records.jsonl:3: the last line is not complete"]
    assert findings(log_of(LINES[:2], torn=LINES[2][:17])) == torn
    assert findings(log_of(LINES[:2], torn=b"forged", ledger=rows(RECORDS))) == torn
    assert findings(log_of(LINES[:2], torn=b"{", ledger=rows(RECORDS[:2]))) == torn


def test_a_log_that_was_cut_or_rewritten_is_found_by_a_head_that_was_kept() -> None:
    kept = f"3:{RECORDS[2].digest[:16]}"
    assert check(log_of(LINES), pin=kept).pin
    assert findings(log_of(LINES[:2]), pin=kept) == ["records.jsonl:3: the log ends at record 2"]
    forged = log(draft(1), draft(2, artifacts=(STEPS,)), draft(3, body={"forged": True}))
    assert check(log_of(lines(forged))).records == 3, "by itself a rewritten chain is whole"
    assert findings(log_of(lines(forged)), pin=kept) == [
        "records.jsonl:3: this is not the record of the pinned head"
    ]


def test_a_folder_without_records_proves_nothing() -> None:
    assert findings(log_of([])) == ["records.jsonl:1: there are no records here"]


@pytest.mark.parametrize(
    "pin", ["", "3", "3:", "x:" + "a" * 64, "3:" + "a" * 15, "3:" + "G" * 16, "-1:" + "a" * 16, "0:" + "0" * 64]
)
def test_a_pin_that_is_no_head_is_refused(pin: str) -> None:
    with pytest.raises(Failure) as refused:
        read_pin(pin)
    assert refused.value.code == Exit.USAGE


def test_what_is_not_proven_is_said() -> None:
    """The newest record is named by no other: only a database, or its own pin, covers it."""
    covered = check(log_of(LINES, ledger=rows(RECORDS))), check(log_of(LINES), pin=f"3:{RECORDS[2].digest}")
    assert [len(found.not_proven) for found in covered] == [2, 2]  # no signed head, and rewriting
    for bare in (check(log_of(LINES)), check(log_of(LINES), pin=f"2:{RECORDS[1].digest}")):
        assert bare.not_proven[-1].startswith("record 3 itself")
