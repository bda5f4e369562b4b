"""`golive ready`."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, env_option, file_option, json_option, plain
from golive.cli.settled import leave
from golive.errors import Exit

if TYPE_CHECKING:
    from golive.controller.readiness import Outcome
    from golive.evidence.claim import Control, Exercised

MARKS = {"proven": "✓", "refuted": "✗", "unproven": "?", "declared only": "?", "missing": "?"}


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
        _forecast(file, env, only, as_json=as_json)
        return
    outcomes = asyncio.run(assembly.prove(file, env, only, _watch))
    words = [_word(outcome.exercised, outcome.control) for outcome in outcomes]
    values = [_values(outcome, word) for outcome, word in zip(outcomes, words, strict=True)]
    answer({"environment": env, "claims": values}, _text(env, values, words), as_json=as_json)
    if "refuted" in words:
        leave(Exit.FAILED)
    if set(words) - {"proven"}:
        leave(Exit.WAITING)


def _forecast(file: str, env: str, only: Sequence[str], *, as_json: bool) -> None:
    from golive import assembly
    from golive.gate.claims.own import asked

    claims = asked(assembly.specification(file)[0], env)
    exercises = {check.claim: claims[check.claim].exercise for check in assembly.checks(file, env, only)}
    text = "\n".join(f"  {claim:<26} {exercise}" for claim, exercise in exercises.items())
    values = {"environment": env, "would_exercise": list(exercises), "exercises": exercises}
    answer(values, f"{env}: nothing was run; this would be:\n{text}", as_json=as_json)


def _word(exercised: "Exercised", control: "Control") -> str:
    if exercised.answer == "proven" and control != "red":
        return "unproven"
    return {"proven": "proven", "refuted": "refuted", "declared": "declared only"}.get(exercised.answer, "missing")


def _values(outcome: "Outcome", word: str) -> dict[str, str]:
    exercised, because = outcome.exercised, outcome.exercised.because
    if word == "unproven":
        because = f"its negative control did not turn red ({outcome.control}): it cannot fail. {because}"
    return {
        "claim": outcome.claim,
        "answer": word,
        "because": because,
        "control": outcome.control,
        "next": "" if word == "proven" else exercised.next,
    }


def _text(env: str, values: Sequence[dict[str, str]], words: Sequence[str]) -> str:
    counts = ", ".join(f"{words.count(word)} {word}" for word in MARKS if word in words)
    lines = [f"{env}: {counts}"]
    for one in values:
        lines.append(f"  {MARKS[one['answer']]} {one['claim']:<26} {one['answer']:<13} {one['because']}")
        lines += [f"      next: {one['next']}"] if one["next"] else []
    return "\n".join((*lines, f"next: golive gate --env {env}"))


def _watch(claim: str, exercised: "Exercised", control: "Control") -> None:
    """One line as soon as a claim was exercised."""
    word = _word(exercised, control)
    click.echo(plain(f"{MARKS[word]} {claim}: {word}"), err=True)
