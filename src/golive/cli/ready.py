"""`golive ready`."""

import asyncio
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, env_option, file_option, json_option, plain
from golive.cli.settled import leave
from golive.errors import Exit

if TYPE_CHECKING:
    from golive.controller.readiness import Outcome
    from golive.evidence.claim import Control, Exercised


@click.command()
@env_option
@click.option("--only", multiple=True, metavar="CLAIM", help="Only this claim; repeatable.")
@file_option
@click.option("--dry-run", is_flag=True, help="Say what would be exercised; run and record nothing.")
@json_option
def ready(env: str, only: tuple[str, ...], file: str, dry_run: bool, as_json: bool) -> None:
    """Prove that everything needed for going live is in place, by trying it.

    Each exercise is run together with its negative control: the opposite fault is planted in a stand-in, and the
    exercise must turn red there, else its claim stays unproven. Exit 0: all proven. 1: something is refuted.
    3: something is unproven.

    Example: golive ready --env production
    """
    from golive import assembly

    if dry_run:
        names = [check.claim for check in assembly.checks(file, env) if not only or check.claim in only]
        answer({"environment": env, "would_exercise": names}, "\n".join(names), as_json=as_json)
        return
    outcomes = asyncio.run(assembly.prove(file, env, only, _watch))
    words = [_word(o) for o in outcomes]
    values = [
        {
            "claim": o.claim,
            "answer": w,
            "because": o.exercised.because,
            "control": o.control,
            "next": o.exercised.next,
        }
        for o, w in zip(outcomes, words, strict=True)
    ]
    text = f"{env}: {', '.join(f'{words.count(w)} {w}' for w in dict.fromkeys(words))}"
    answer({"environment": env, "claims": values}, f"{text}\nnext: golive gate --env {env}", as_json=as_json)
    if "refuted" in words:
        leave(Exit.FAILED)
    if set(words) - {"proven"}:
        leave(Exit.WAITING)


def _word(outcome: "Outcome") -> str:
    exercised = outcome.exercised
    if exercised.answer == "proven" and outcome.control != "red":
        return "unproven"
    return {"proven": "proven", "refuted": "refuted", "declared": "declared only"}.get(exercised.answer, "missing")


def _watch(claim: str, exercised: "Exercised", control: "Control") -> None:
    """One line as soon as a claim was exercised."""
    mark = {"proven": "✓", "refuted": "✗"}.get(exercised.answer, "?")
    click.echo(plain(f"  {mark} {claim:<28} {exercised.because}"), err=True)
    if control != "red":
        click.echo(f"      its negative control was {control}: it proves nothing", err=True)
    if exercised.next and exercised.answer != "proven":
        click.echo(plain(f"      next: {exercised.next}"), err=True)
