"""`golive protocol answer`."""

from typing import Literal

import click

from golive.cli.answer import answer as told
from golive.cli.answer import file_option, json_option


@click.command()
@click.argument("document", type=click.Path(dir_okay=False))
@click.argument("key", metavar="LINE")
@click.option("--done", "word", flag_value="attested", help="It is done, or true.")
@click.option("--skip", "word", flag_value="skipped", help="It does not apply, or is left out.")
@click.option("--as", "role", default="", metavar="ROLE", help="The role in which you say so.")
@click.option("--note", required=True, help="How it is known, or why it is left out.")
@file_option
@json_option
def answer(
    document: str,
    key: str,
    word: Literal["attested", "skipped"] | None,
    role: str,
    note: str,
    file: str,
    as_json: bool,
) -> None:
    """Answer for the action or conditional step at LINE of DOCUMENT. It is recorded as your word, not as proven.

    Example: golive protocol answer operations.md "line 7" --done --as operations-lead --note "audit 2026-11"
    """
    from golive import assembly

    if word is None:
        raise click.UsageError("--done or --skip?")
    opened = assembly.open_document(document)
    key = key if key.startswith("line ") else f"line {key}"
    with assembly.desk(file) as desk:
        record = assembly.answer_question(file, desk, opened, key, word=word, role=role, note=note)
    values = {"key": key, "word": word, "role": role, "note": note, "record": record.seq}
    told(values, f"{key}: {word}, record {record.seq}\nnext: golive protocol run {document}", as_json=as_json)
