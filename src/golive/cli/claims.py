"""`golive claims`."""

import asyncio
from typing import TYPE_CHECKING

import click

from golive.cli.answer import answer, env_option, file_option, json_option
from golive.cli.settled import leave
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.gate.claims.verdict import Judged


@click.group()
def claims() -> None:
    """What must be true before going live, and what is proven of it.

    Example: golive claims list --env production
    """


@claims.command("list")
@env_option
@file_option
@json_option
def list_(env: str, file: str, as_json: bool) -> None:
    """Every claim of an environment with its verdict.

    Example: golive claims list --env production
    """
    from golive import assembly
    from golive.gate.outputs.text import row

    with assembly.gate(file, env) as gate:
        decision = gate.decide("operations")
    text = "\n".join(row(one) for one in decision.judged)
    answer({"claims": decision.body()["claims"]}, text, as_json=as_json)


@claims.command()
@click.argument("claim")
@env_option
@file_option
@json_option
def explain(claim: str, env: str, file: str, as_json: bool) -> None:
    """How a CLAIM is proven, how its proof can fail, how long it holds, and where it stands.

    Example: golive claims explain rollback-rehearsed --env production
    """
    from golive import assembly

    with assembly.gate(file, env) as gate:
        judged = {one.claim.id: one for one in gate.decide("operations").judged}
    if claim not in judged:
        raise Failure(
            where=f"claim {claim}",
            what="there is no such claim",
            why=f"there are: {', '.join(judged)}",
            next="golive claims list",
            code=Exit.USAGE,
        )
    values = _values(judged[claim])
    text = "\n".join(f"{name + ':':<11} {value}" for name, value in values.items() if value)
    answer(values, text, as_json=as_json)


@claims.command()
@env_option
@file_option
@json_option
def selftest(env: str, file: str, as_json: bool) -> None:
    """Plant the opposite fault under every check: each must turn red. Records nothing.

    Exit 0: every check can fail. 1: one stays green under its fault, so it proves nothing.

    Example: golive claims selftest --env production
    """
    from golive import assembly

    found = asyncio.run(assembly.selftest(file, env))
    text = "\n".join(f"  {'✓' if control == 'red' else '✗'} {claim:<28} {control}" for claim, control in found)
    answer({"controls": dict(found)}, text, as_json=as_json)
    if any(control != "red" for _, control in found):
        leave(Exit.FAILED)


def _values(one: "Judged") -> dict[str, object]:
    claim = one.claim
    return {
        "claim": claim.id,
        "statement": claim.statement,
        "verdict": str(one.verdict),
        "because": one.because,
        "exercise": claim.exercise,
        "control": claim.control,
        "inputs": ", ".join(sorted(claim.inputs)),
        "lifetime": f"{claim.lifetime.total_seconds() / 86400:g} days",
        "controls": ", ".join(claim.controls),
        "record": one.proof.seq if one.proof else None,
        "files": ", ".join(a.path for a in one.proof.artifacts) if one.proof else "",
        "next": one.next,
    }
