"""`golive protocol trust`."""

import click

from golive.cli.answer import answer, file_option, json_option


@click.command()
@click.argument("document", type=click.Path(dir_okay=False))
@click.option("--revoke", is_flag=True, help="Let it be run no more.")
@file_option
@json_option
def trust(document: str, revoke: bool, file: str, as_json: bool) -> None:
    """Let the commands of DOCUMENT be run, as it is now. A changed document asks again.

    Example: golive protocol trust operations.md
    """
    from golive import assembly

    opened = assembly.open_document(document)
    with assembly.desk(file) as desk:
        assembly.trust_document(desk, opened, is_trusted=not revoke)
    said = "is not trusted any more" if revoke else "may be run"
    values = {"document": opened.digest, "name": document, "trusted": not revoke}
    next_step = "" if revoke else f"\nnext: golive protocol run {document}"
    answer(values, f"{document} {said} (SHA-256 {opened.digest}){next_step}", as_json=as_json)
