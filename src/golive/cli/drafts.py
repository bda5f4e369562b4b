"""Drafts of a roster or policy: signed by one after the other, published with the last signature needed."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer
from golive.cli.keys import ask, read_envelope, write_new
from golive.cli.settled import leave
from golive.errors import Exit

if TYPE_CHECKING:
    from golive.controller.desk import Desk
    from golive.evidence.signing.dsse import Envelope
    from golive.evidence.signing.keys import Signer
    from golive.evidence.signing.statement import Statement


def put_forward(
    desk: "Desk",
    draft: "Envelope | Statement",
    signer: "Signer",
    name: str,
    as_json: bool,
    onto: Path | None = None,
) -> None:
    """Sign a draft; publish it when that was the last signature needed, else leave it in a file for the others."""
    from golive.controller import desk as at
    from golive.gate.trust.versions import endorsed

    envelope = endorsed(draft, signer)
    lacking = at.lacking(desk, envelope)
    if not lacking:
        published = at.publish(desk, envelope)
        values = {"published": True, "version": published.version, "digest": published.digest}
        answer(values, f"{name}: published\ndigest {published.digest}", as_json=as_json)
        return
    path = onto or Path(f"{name}.dsse.json")
    fresh = path.with_name(f".{path.name}.new") if onto else path
    write_new(fresh, envelope.encoded())
    fresh.replace(path)
    text = f"{name}: {lacking} more must sign it\nnext: each of them: golive roster sign {path}"
    answer({"published": False, "lacking": lacking, "draft": str(path)}, text, as_json=as_json)
    leave(Exit.WAITING)


def continue_draft(draft: Path, key: Path | None, *, yes: bool, file: str, as_json: bool) -> None:
    """One more signature under a draft, by whoever types this."""
    from golive import assembly

    envelope = read_envelope(draft)
    with assembly.desk(file) as desk:
        signer = assembly.signer(key, ask)
        click.echo(envelope.payload.decode(), err=True)
        if not yes and not click.confirm("\nSign exactly this?", err=True):
            leave(Exit.WAITING)
        put_forward(desk, envelope, signer, draft.name.removesuffix(".dsse.json"), as_json, onto=draft)
