"""`golive protocol validate`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import file_option, json_option, plain
from golive.cli.settled import leave
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.protocol.outputs import Linted

FORMS = ("text", "json", "sarif", "junit", "report")


@click.command()
@click.argument("documents", nargs=-1, metavar="[FILE]...", type=click.Path(dir_okay=False))
@click.option("--phase", default="", help="Only protocols of this phase: a number, or a name such as operations.")
@click.option("--skip-missing", is_flag=True, help="A missing script, or document, is no error.")
@click.option("--safe", multiple=True, metavar="SCRIPT", help="This script may be run with --help; repeatable.")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write it there.")
@file_option
@json_option
def validate(
    documents: tuple[str, ...],
    phase: str,
    skip_missing: bool,
    safe: tuple[str, ...],
    form: str,
    output: Path | None,
    file: str,
    as_json: bool,
) -> None:
    """Say what is wrong with protocols: structure, scripts, flags that a script does not take, promises not kept.

    Without FILE, those in protocols/ and the one that is being run. Scripts are read, not run. Exit 0: nothing is
    wrong, or only warnings. 1: something is. `--format report` has the names of older validators.

    Example: golive protocol validate operations.md --format sarif --output protocol.sarif
    """
    from golive import assembly

    opened = [assembly.open_document(name) for name in documents] or assembly.protocol_documents(file, phase)
    if not opened:
        _nothing(phase, skip_missing)
        return
    found = [assembly.linted(file, one, skip_missing=skip_missing, safe=frozenset(safe)) for one in opened]
    told = _formed(found, "json" if as_json else "report" if output and form == "text" else form)
    if output:
        _write(output, told)
        told = _formed(found, "text")
    click.echo(told.rstrip("\n") if as_json or form != "text" else plain(told.rstrip("\n")))
    if any(one.count("error") for one in found):
        leave(Exit.FAILED)


def _formed(found: "list[Linted]", form: str) -> str:
    from golive.protocol import outputs

    match form:
        case "json":
            return json.dumps(outputs.as_json(found), indent=2)
        case "report":
            return json.dumps(outputs.report(found), indent=2)
        case "sarif":
            return outputs.sarif(found)
        case "junit":
            return outputs.junit(found)
    return outputs.text(found)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(
            where=str(path),
            what="the findings cannot be written here",
            why=error.strerror or str(error),
            next="name another file with --output",
            code=Exit.USAGE,
        ) from error


def _nothing(phase: str, skip_missing: bool) -> None:
    what = f"there is no protocol of phase {phase}" if phase else "there is no protocol here"
    if skip_missing:
        click.echo(f"{what}: skipped")
        return
    raise Failure(
        where="protocols/",
        what=what,
        why="looked for in protocols/, docs/protocols/ and files named *protocol*.md",
        next="name the file: golive protocol validate FILE",
        code=Exit.USAGE,
    )
