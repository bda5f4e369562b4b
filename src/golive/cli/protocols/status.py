"""`golive protocol status`."""

import click

from golive.cli.answer import answer, file_option, json_option


@click.command()
@click.argument("document", type=click.Path(dir_okay=False))
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "html"]), default="text", show_default=True
)
@file_option
@json_option
def status(document: str, form: str, file: str, as_json: bool) -> None:
    """Where the newest run of DOCUMENT is: every statement with what became of it. Writes nothing.

    Example: golive protocol status operations.md
    """
    from golive import assembly
    from golive.protocol import report

    opened = assembly.open_document(document)
    run = assembly.newest_run(file, opened)
    if run is None:
        answer({"run": None}, f"{document} was never run\nnext: golive protocol plan {document}", as_json=as_json)
        return
    found = report.checklist(assembly.protocol_plan(file, opened), run, run.ended or "under way")
    forms = {"text": report.text, "markdown": report.markdown, "html": report.page}
    answer(found.body(), forms[form](found).rstrip("\n"), as_json=as_json)
