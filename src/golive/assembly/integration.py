"""Whether a phase joins up: protocols fit their scripts, evidence verifies, claims hold, phases follow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive.assembly.documents import Opened, linted, protocol_documents, usual_environment
from golive.assembly.place import folders, specification
from golive.assembly.readiness import gate
from golive.assembly.views import verified
from golive.errors import Failure

if TYPE_CHECKING:
    from golive.gate.decision import GateDecision


@dataclass(frozen=True, kw_only=True)
class Joint:
    """One thing that must fit. `word`: passed, failed, or open (not proven yet)."""

    group: str  # alignment, connectivity, evidence, claims
    what: str
    word: str
    because: str
    next: str = ""


def integration(file: str, phase: str, environment: str) -> tuple[Joint, ...]:
    """Everything that the phase rests on, looked at now; nothing is written."""
    spec, _ = specification(file)
    documents = protocol_documents(file, phase)
    chosen = usual_environment(spec, environment, file)
    found = [*_alignment(file, documents, phase), *_connectivity(protocol_documents(file, "")), _evidence(file)]
    with gate(file, chosen) as at:
        found += _claims(at.decide("operations"))
    return tuple(found)


def _alignment(file: str, documents: Sequence[Opened], phase: str) -> Iterator[Joint]:
    """Each script that the protocols name is there and takes the flags that they use."""
    if not documents:
        because = f"no document of phase {phase} was found"
        yield Joint(group="alignment", what=f"phase {phase}", word="failed", because=because, next="add it")
    for opened in documents:
        errors = [one for one in linted(file, opened).findings if one.severity == "error"]
        count = len(opened.document.directives)
        word, because = ("failed", errors[0].what) if errors else ("passed", f"{count} commands fit their scripts")
        next_step = f"golive protocol validate {opened.name}" if errors else ""
        yield Joint(group="alignment", what=opened.name, word=word, because=because, next=next_step)


def _connectivity(documents: Sequence[Opened]) -> Iterator[Joint]:
    """A phase that another one follows says what it hands over, and the other one what it needs."""
    by_phase = {int(one.document.phase): one for one in documents if one.document.phase.isdigit()}
    for number, opened in sorted(by_phase.items()):
        after = by_phase.get(number + 1)
        if after is None:
            continue
        what = f"phase {number} → phase {number + 1}"
        lacking = (
            [] if any(s.items for s in opened.document.of("handoff")) else [f"{opened.name} hands nothing over"]
        )
        lacking += [] if after.document.of("prerequisites") else [f"{after.name} has no prerequisites"]
        word = "failed" if lacking else "passed"
        yield Joint(group="connectivity", what=what, word=word, because="; ".join(lacking) or "they join")


def _evidence(file: str) -> Joint:
    try:
        found, _ = verified(folders(file).evidence, None)
    except Failure as failure:
        next_step = "golive evidence verify"
        return Joint(group="evidence", what="evidence/", word="failed", because=str(failure), next=next_step)
    because = f"{found.records} records hold, with {found.artifacts} files"
    return Joint(group="evidence", what="evidence/", word="passed", because=because)


def _claims(decision: "GateDecision") -> Iterator[Joint]:
    from golive.evidence.claim import Verdict
    from golive.gate.decision import LETS_PASS

    for one in decision.judged:
        word = "passed" if one.verdict in LETS_PASS else "failed" if one.verdict is Verdict.REFUTED else "open"
        said = "" if word == "passed" else one.next
        because = f"{one.verdict}: {one.because}"
        yield Joint(group="claims", what=one.claim.id, word=word, because=because, next=said)
