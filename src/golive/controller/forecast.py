"""Playing a rollout through in a simulated world, to say beforehand which steps it would take."""

from dataclasses import replace

from golive.controller.drive import Drive, Moment
from golive.controller.journal import Journal
from golive.controller.opening import open_rollout
from golive.controller.outside import Outside
from golive.evidence.record import Actor
from golive.release.past import Past
from golive.release.steps import Settle
from golive.release.wanted import Wanted
from golive.spec.values import SmokeTest

STAND_IN = SmokeTest(command=("smoke",))  # the simulated world runs it without looking at answers


async def play(wanted: Wanted, past: Past, outside: Outside) -> tuple[str, ...]:
    """The texts of every step and wait, in order, when nothing goes wrong. `outside` is simulated."""
    lines: list[str] = []
    pen = Journal(
        ledger=outside.ledger,
        clock=outside.clock,
        actor=Actor(id="forecast", kind="system"),
        environment=wanted.environment.name,
        redact=outside.redact,
    )
    blank = replace(past, head=0, rollout=None)
    open_rollout(pen, blank, wanted, (), {})
    drive = Drive(
        outside=outside,
        journal=pen,
        wanted=wanted,
        smoke=STAND_IN if wanted.smoke else None,
        watch=lambda moment: _note(moment, lines, pen),
        past=blank,
    )
    settled = await drive.to_the_end()
    return (*lines, Settle(outcome="succeeded", because=settled.because).text)


def _note(moment: Moment, lines: list[str], pen: Journal) -> None:
    """Keep the text; a person whom the rollout would wait for says yes at once."""
    waiting = moment.plan.waiting_on
    if waiting and waiting.on == "person":
        pen.append("promote.granted", rollout=moment.wanted.rollout)
    if moment.ended:
        lines.append(moment.ended[0].text)
    elif waiting and waiting.on in ("soak", "person") and lines[-1:] != [waiting.text]:
        lines.append(waiting.text)
