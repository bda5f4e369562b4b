"""`golive evidence`."""

import gc
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, file_option, json_option
from golive.cli.auditors import changes, controls
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.evidence.record import Record
    from golive.evidence.verification import Verified
    from golive.gate.audit import Audit


@click.group()
def evidence() -> None:
    """What was recorded: list it, show one record, verify all of it.

    Example: golive evidence verify
    """


evidence.add_command(changes)
evidence.add_command(controls)


@evidence.command("list")
@click.option("-e", "--env", default=None, help="Only this environment.")
@click.option(
    "--type", "kind", default=None, help="Only records whose type begins so, such as step or lease.taken."
)
@click.option("-n", "--limit", default=20, show_default=True, type=click.IntRange(1), help="The newest so many.")
@file_option
@json_option
def list_(env: str | None, kind: str | None, limit: int, file: str, as_json: bool) -> None:
    """The newest records, oldest of them first.

    Example: golive evidence list --env production --type step
    """
    from golive import assembly

    found = [r for r in assembly.records(file, env) if kind is None or r.draft.type.startswith(kind)][-limit:]
    text = "\n".join(map(_row, found)) or "no record\nnext: golive deploy --env ENVIRONMENT"
    answer({"records": [_values(record) for record in found]}, text, as_json=as_json)


@evidence.command()
@click.argument("seq", type=click.IntRange(1))
@file_option
@json_option
def show(seq: int, file: str, as_json: bool) -> None:
    """Everything that the record with number SEQ says.

    Example: golive evidence show 41
    """
    from golive import assembly

    records = assembly.records(file)
    if seq > len(records):
        raise Failure(
            where=f"record {seq}",
            what="there is no such record",
            why=f"the log ends at {len(records)}",
            next="golive evidence list",
            code=Exit.USAGE,
        )
    record = records[seq - 1]
    answer({"record": _values(record)}, _page(record), as_json=as_json)


@evidence.command()
@click.argument("folder", default="evidence", type=click.Path(path_type=Path))
@click.option(
    "--offline", is_flag=True, help="It always is: nothing here uses the network. For scripts that say so."
)
@click.option("--pin", default=None, metavar="SEQ:DIGEST", help="A log head that you kept: it must still hold.")
@click.option("--roster", default=None, metavar="DIGEST", help="The digest of the first roster, as you kept it.")
@json_option
def verify(folder: Path, offline: bool, pin: str | None, roster: str | None, as_json: bool) -> None:
    """Check the evidence in FOLDER offline: the chain of records, every file they vouch for, the database.

    FOLDER may be an archive that golive evidence export made. The database beside FOLDER (.golive) is compared
    when it is there. Nothing is changed. Exit 0: all of it holds. 5: something was changed, is missing or does
    not follow; each finding says where.

    Example: golive evidence verify --pin 412:9f86d081884c7d65
    """
    from golive import assembly
    from golive.evidence.verification import read_pin

    gc.disable()  # a million records make no circles, and looking for them costs a tenth of the time
    check = assembly.verified_archive if folder.is_file() else assembly.verified
    found, audit = check(folder, read_pin(pin) if pin else None, roster or "")
    values = {
        "head": {"seq": found.head.seq, "digest": found.head.digest},
        "records": found.records,
        "artifacts": found.artifacts,
        "unvouched": list(found.unvouched),
        "database": _database(found),
        "pinned": str(found.pin) if found.pin else None,
        "signed_size": found.signed_size,
        "log_keys": list(found.log_keys),
        "first_roster": audit.roster_digest,
        "approved": audit.approved,
        "emergencies": audit.emergencies,
        "emergencies_without_quorum": [emergency.rollout for emergency in audit.reviews.open.values()],
        "not_proven": [*found.not_proven, *_unproven(audit, roster, found.head.seq)],
    }
    answer(values, _verdict(found, audit, roster), as_json=as_json)


@evidence.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("evidence.tar.gz"),
    show_default=True,
    help="A new file.",
)
@file_option
@json_option
def export(output: Path, file: str, as_json: bool) -> None:
    """Pack everything that a stranger needs to verify into one file; the same evidence gives the same bytes.

    Example: golive evidence export --output shop-evidence.tar.gz
    """
    from golive import assembly

    count, digest = assembly.export(file, output)
    text = f"{output}: {count} files, SHA-256 {digest}\nnext, anywhere: golive evidence verify {output}"
    answer({"archive": str(output), "files": count, "sha256": digest}, text, as_json=as_json)


@evidence.command("import")
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def import_(archive: Path, folder: Path, as_json: bool) -> None:
    """Take an ARCHIVE of evidence apart into a new FOLDER, without trusting it.

    Example: golive evidence import shop-evidence.tar.gz shop-evidence
    """
    from golive import assembly

    count = assembly.unpack(archive, folder)
    text = f"{folder}: {count} files\nnext: golive evidence verify {folder}"
    answer({"folder": str(folder), "files": count}, text, as_json=as_json)


@evidence.command()
@click.argument("seq", type=click.IntRange(1))
@file_option
@json_option
def prove(seq: int, file: str, as_json: bool) -> None:
    """Hand over the record with number SEQ alone, with the proof that it is in the log (C2SP tlog-proof).

    Example: golive evidence prove 41 > record-41.tlog-proof
    """
    from golive import assembly

    text = assembly.prove_record(file, seq).decode()
    answer({"record": seq, "proof": text}, text.rstrip("\n"), as_json=as_json)


@evidence.command()
@click.argument("proof", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--key", "vkey", required=True, metavar="VKEY", help="The log's key, as golive evidence verify prints it."
)
@json_option
def check(proof: Path, vkey: str, as_json: bool) -> None:
    """Check a PROOF that somebody handed over, offline and without the log.

    Example: golive evidence check record-41.tlog-proof --key golive.invalid/log/…+1c1d18bd+AQ…
    """
    from golive.evidence.tree.note import log_key
    from golive.evidence.tree.proof import proven

    try:
        key = log_key(vkey)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--key") from error
    line, head = proven(proof.read_bytes(), key, str(proof))
    record = json.loads(line)
    state = f"record {record['seq']} is in the log {head.origin}, under its head of {head.size} records"
    text = f"{state}\n{line.decode()}"
    answer({"record": record, "origin": head.origin, "size": head.size}, text, as_json=as_json)


@evidence.command()
@click.option(
    "--upgrade",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="Print an older manifest in today's form instead; every file that it names must be there.",
)
@file_option
@json_option
def manifest(upgrade: Path | None, file: str, as_json: bool) -> None:
    """Write evidence/manifest.json: every file that records vouch for, for people and other tools.

    It is renewed by every command that records something, too.

    Example: golive evidence manifest --upgrade old/manifest.json
    """
    from golive import assembly

    text = assembly.upgraded_manifest(file, upgrade) if upgrade else assembly.write_manifest(file)
    answer(json.loads(text), text.decode().rstrip("\n"), as_json=as_json)


def _row(record: "Record") -> str:
    draft = record.draft
    said = draft.body.get("text") or draft.body.get("because") or draft.body.get("key") or ""
    return (
        f"{record.seq:>6}  {draft.at:%Y-%m-%d %H:%M:%S}  {draft.environment:<12} {draft.type:<18} "
        f"{draft.result or '-':<8} {draft.actor.id:<10} {said}"
    ).rstrip()


def _values(record: "Record") -> dict[str, object]:
    return {**json.loads(record.line), "digest": record.digest}


def _page(record: "Record") -> str:
    draft = record.draft
    lines = [
        f"record {record.seq}: {draft.type} {draft.result}".rstrip(),
        f"  at           {draft.at:%Y-%m-%d %H:%M:%S.%f} UTC",
        f"  by           {draft.actor.id} ({draft.actor.kind}), epoch {draft.epoch}",
        f"  environment  {draft.environment or '-'}",
        f"  rollout      {draft.rollout or '-'}",
        f"  because of   {', '.join(map(str, draft.cause)) or '-'}",
        f"  digest       {record.digest}",
        f"  follows      {record.prev}",
    ]
    lines += [
        f"  file         evidence/{a.path}, {a.size_bytes} bytes, {a.redactions} redacted, SHA-256 {a.sha256}"
        for a in draft.artifacts
    ]
    return "\n".join([*lines, json.dumps(draft.body, indent=2, ensure_ascii=False)])


def _unproven(audit: "Audit", roster: str | None, size: int) -> list[str]:
    """What the audit cannot know."""
    unread = [
        f"what {rollout} wanted: its specification cannot be read by this version" for rollout in audit.unread
    ]
    if not audit.trust.roster.version:
        return [
            *unread,
            "that any person agreed: there is no roster, so every record rests on the log's key alone",
        ]
    if not roster:
        digest = audit.roster_digest
        unread.append(f"that the first roster is the one you know: compare its digest, --roster {digest}")
    if audit.last_signed < size:
        unread.append(
            f"records {audit.last_signed + 1} to {size}: no sign-off covers them, only the log's key does"
        )
    unread += [
        f"emergency {one.rollout}: the full quorum, due by {one.due:%Y-%m-%d %H:%M} UTC, is not there"
        for one in audit.reviews.open.values()
    ]
    return unread


def _verdict(found: "Verified", audit: "Audit", roster: str | None) -> str:
    pinned = ", and the head that you kept is part of it" if found.pin else ""
    lines = [
        f"{found.records} records hold, with the {found.artifacts} files that they vouch for{pinned}",
        f"head {found.head}",
        f"signed up to record {found.signed_size}" + (f" with {found.log_keys[-1]}" if found.log_keys else ""),
        f"database: {_database(found)}",
        *(f"unvouched: evidence/{path} is named by no record" for path in found.unvouched),
        f"people: {audit.approved} deploys with a quorum of sign-offs, {len(audit.emergencies)} in an emergency",
        *(f"not proven: {limit}" for limit in (*found.not_proven, *_unproven(audit, roster, found.head.seq))),
    ]
    return "\n".join(lines)


def _database(found: "Verified") -> str:
    if found.pending is None:
        return "not there, so not compared"
    newer = f", and {found.pending} newer that the next write adds to the file" if found.pending else ""
    return f"the same records{newer}"
