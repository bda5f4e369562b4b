"""`golive init`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, json_option

if TYPE_CHECKING:
    from golive.spec.draft.files import Draft


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False))
@click.option("--dry-run", is_flag=True, help="Print what would be written; write nothing.")
@json_option
def init(folder: str, dry_run: bool, as_json: bool) -> None:
    """Look at FOLDER and write golive.yaml for the application in it.

    Adds .golive/ to .gitignore, a CI job, and the scripts that protocol documents name. A file that is there is
    kept as it is. What only you can know is marked FILL IN.

    Example: golive init
    """
    from golive import assembly

    draft = assembly.first_draft(folder)
    deeds = assembly.add_files(folder, draft.files, dry_run=dry_run)
    texts = [f"--- {file.path}\n{file.text}" for file in draft.files] if dry_run else []
    answer(_values(draft, deeds, dry_run), "\n".join([*texts, *_lines(draft, deeds)]), as_json=as_json)


def _values(draft: "Draft", deeds: Sequence[tuple[str, str]], dry_run: bool) -> dict[str, object]:
    return {
        "found": draft.found.what,
        "because": draft.found.because,
        "dry_run": dry_run,
        "files": [
            {"path": path, "deed": deed, "text": file.text}
            for file, (path, deed) in zip(draft.files, deeds, strict=True)
        ],
        "to_fill_in": []
        if _keeps(deeds)
        else [{"where": where, "next": hint} for where, hint in draft.to_fill_in],
        "notes": list(draft.notes),
    }


def _lines(draft: "Draft", deeds: Sequence[tuple[str, str]]) -> list[str]:
    rows = [("found", f"{draft.found.what} ({draft.found.because})")]
    rows += [(deed, path) for path, deed in deeds]
    rows += [("note", note) for note in draft.notes]
    rows += [] if _keeps(deeds) else [("FILL IN", f"{where}: {hint}") for where, hint in draft.to_fill_in]
    lines = [f"{label:<13} {text}" for label, text in rows]
    if _keeps(deeds):
        return [*lines, "next: golive spec check"]
    begin = "fill in what is marked, then " if draft.to_fill_in else ""
    return [*lines, f"next: {begin}golive spec check, golive doctor, golive deploy --env staging"]


def _keeps(deeds: Sequence[tuple[str, str]]) -> bool:
    """A specification was there before: what it says is the operator's, not ours."""
    return dict(deeds).get("golive.yaml") in ("kept", "would keep")
