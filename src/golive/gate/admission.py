"""Whether a revision may be deployed to an environment, from what happened to the same build elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.release.past import Past
from golive.release.revision import Revision


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Yes, or no with the reason and what to do about it."""

    admitted: bool
    because: str
    next: str = ""


def admit(revision: Revision, requires: Sequence[str], pasts: Mapping[str, Past]) -> Decision:
    """Admit when the same build succeeded in every environment that is required.

    "Succeeded" means that a deploy of this digest settled as succeeded and no later rollout there went
    back from it. Settings differ between environments, so only `Revision.digest` is compared.
    """
    for environment in requires:
        past = pasts[environment]
        settled = [s for s in past.settled if s.new.digest == revision.digest]
        if not any(s.outcome == "succeeded" for s in settled):
            tried = f", where it ended as {settled[-1].outcome}" if settled else ""
            return Decision(
                admitted=False,
                because=f"build {revision.digest[:12]} has not succeeded in {environment}{tried}",
                next=f"golive deploy --env {environment}",
            )
        if revision.digest not in {r.digest for r in past.line}:
            return Decision(
                admitted=False,
                because=f"build {revision.digest[:12]} was rolled back in {environment}",
                next=f"find out why: golive status --env {environment}",
            )
    named = ", ".join(requires)
    return Decision(
        admitted=True, because=f"it succeeded in {named}" if named else "nothing is required before it"
    )
