"""The way back: whether a rollback can be planned from what is live, and is written down where people look."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from golive.drivers.checks.faults import every
from golive.errors import Failure
from golive.evidence.claim import Exercised

Rehearsal = Callable[[], Awaitable[tuple[str, ...]]]  # the steps of a rollback, or a `Failure`
MOST_BYTES = 4 * 1024 * 1024
WORDS = b"golive rollback"  # a page that does not hold the command leaves people looking for it at night


@dataclass(frozen=True, kw_only=True)
class RollbackPlanned:
    """Plays a rollback in the simulated world, from what the records say is live.

    `earlier`: how many revisions there are to go back to. `plan`: the page about it, where the file names one.
    """

    rehearse: Rehearsal
    rehearse_to_nowhere: Rehearsal
    earlier: int
    environment: str
    plan: Path | None = None
    claim: str = "rollback-planned"

    async def exercise(self) -> Exercised:
        if self.plan and (fault := _fault_of_page(self.plan)):
            return Exercised(answer="refuted", because=fault, next="write how to go back, with the command")
        if not self.earlier:
            return Exercised(
                answer="nothing",
                because="there is no earlier revision to go back to yet",
                next=f"golive deploy --env {self.environment}",
            )
        try:
            steps = await self.rehearse()
        except Failure as failure:
            return Exercised(answer="refuted", because=f"{failure.what}: {failure.why}", next=failure.next)
        page = f"; written down in {self.plan.name}" if self.plan else ""
        return Exercised(answer="proven", because=f"{len(steps)} steps: {steps[0]} … {steps[-1]}{page}")

    async def control(self, scratch: str) -> Exercised:
        """A rollback to a revision that nobody has; where there is a page, one that says nothing about it."""
        nowhere = replace(self, rehearse=self.rehearse_to_nowhere, earlier=1, plan=None)
        planted = {"a revision that nobody has": nowhere.exercise()}
        if self.plan:
            page = Path(scratch) / "page"
            page.write_text("We will think of something.")
            planted["a page without the command"] = replace(self, plan=page).exercise()
            planted["no page"] = replace(self, plan=Path(scratch) / "no-such-page").exercise()
        return await every(planted)


def _fault_of_page(page: Path) -> str:
    try:
        with page.open("rb") as file:
            content = file.read(MOST_BYTES)
    except OSError as error:
        return f"{page.name}: {error.strerror}"
    return "" if WORDS in content else f"{page.name} does not say `{WORDS.decode()}`"
