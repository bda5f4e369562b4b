"""Promise: `golive evidence verify` holds a million records in under 30 s and under 500 MB, at linear cost.

Measured is the command itself, in a process of its own: chain, canonical form, Merkle heads, replay, sign-offs.
The log is one of whole rollouts (an intent and an outcome a step), made by the code that a ledger writes with.
Beside it, in the same run: how many records a second the ledger appends, each on the disk before it is
acknowledged, and how many lines a second a bare SQLite commits with the same durability.
"""

import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import close, quick

from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.evidence.canonical import seal
from golive.evidence.record import Actor, Draft, Record
from golive.evidence.shape import NO_DIGEST

BAR_S, BAR_MB, RECORDS, APPENDED = 30.0, 500, 1_000_000, 3_000
STEPS = 9  # steps of each rollout, so 20 records each
START = datetime(2026, 1, 1, tzinfo=UTC)
NEW = {"digest": "a" * 64, "settings": ""}


def drafts(count: int) -> Iterator[Draft]:
    """Whole rollouts, one after the other."""
    seq = 0
    while seq < count:
        rollout, first = f"r{seq}", seq + 1
        wish = {"kind": "deploy", "new": NEW, "old": None, "standby": [], "spec_digest": "b" * 64, "approval": ""}
        bodies = [("rollout.wanted", wish, "", ())]
        for step in range(STEPS):
            began = first + 1 + 2 * step
            key = {"key": f"step {step}", "because": "on the way to the new revision"}
            bodies += [("step.began", key, "", ()), ("step.ended", key, "ok", (began,))]
        bodies.append(("rollout.settled", {"outcome": "succeeded", "because": "all traffic"}, "", ()))
        for kind, body, result, cause in bodies:
            seq += 1
            yield draft(seq, kind, rollout, body, result, cause)


def draft(seq: int, kind: str, rollout: str, body: dict, result: str, cause: tuple[int, ...]) -> Draft:
    return Draft(
        id=f"id-{seq}",
        at=START + timedelta(milliseconds=seq),
        mono_ns=seq * 1_000_000,
        boot="boot",
        type=kind,
        environment="production",
        rollout=rollout,
        epoch=1,
        actor=Actor(id="ann"),
        cause=cause,
        result=result,  # type: ignore[arg-type]
        body=body,
    )


def write_log(folder: Path, count: int) -> None:
    path = folder / "evidence" / "operations" / "records.jsonl"
    path.parent.mkdir(parents=True)
    prev = NO_DIGEST
    with path.open("wb") as file:
        for seq, one in enumerate(drafts(count), 1):
            record: Record = seal(one, seq=seq, prev=prev)
            prev = record.digest
            file.write(record.line.encode() + b"\n")


def verified(folder: Path) -> tuple[float, float]:
    """Seconds and peak MB of the command on the log in `folder`."""
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    subprocess.run(
        [sys.executable, "-m", "golive", "evidence", "verify"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return time.perf_counter() - began, max(before, peak) / 1024


def appended_per_s(folder: Path, count: int) -> float:
    ledger = SqliteLedger(folder / ".golive", folder / "evidence")
    some = list(drafts(count))[:count]
    began = time.perf_counter()
    for one in some:
        ledger.append(one)
    took = time.perf_counter() - began
    ledger.close()
    return count / took


def committed_per_s(folder: Path, count: int) -> float:
    """The peer: the same lines into a table of SQLite, WAL with synchronous=FULL, a commit each."""
    lines = [seal(one, seq=seq, prev=NO_DIGEST).line for seq, one in enumerate(drafts(count), 1)][:count]
    database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE lines (line BLOB NOT NULL)")
    began = time.perf_counter()
    for line in lines:
        database.execute("INSERT INTO lines VALUES (?)", (line.encode(),))
    took = time.perf_counter() - began
    database.close()
    return count / took


def main() -> None:
    count = RECORDS // 10 if quick() else RECORDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tenth, whole = folder / "tenth", folder / "whole"
        write_log(tenth, count // 10)
        write_log(whole, count)
        short_s, _ = verified(tenth)
        long_s, peak_mb = verified(whole)
        print(f"verify {count // 10:>9,} records: {short_s:.1f} s")
        print(
            f"verify {count:>9,} records: {long_s:.1f} s, {long_s / short_s:.1f} times that, peak {peak_mb:.0f} MB"
        )
        shutil.rmtree(whole)
        some = APPENDED // 10 if quick() else APPENDED
        ours, bare = appended_per_s(folder / "ours", some), committed_per_s(folder, some)
        print(f"append, each on the disk in two places: {ours:.0f}/s; bare SQLite commit: {bare:.0f}/s")
        print(f"ratio: {ours / bare:.2f} of the bare commit")
    million_s = round(long_s * RECORDS / count, 1)
    holds = million_s < BAR_S and peak_mb < BAR_MB
    close("1,000,000 records verified (scaled from --quick where asked for)", million_s, "s", BAR_S, holds)


main()
