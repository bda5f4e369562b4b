"""Protocol documents, joined to the scripts, the records and the claims of a service."""

import os
import sysconfig
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly import exercises
from golive.assembly.desk import desk
from golive.assembly.documents import Opened, linted, protocol_plan, usual_environment
from golive.assembly.place import Folders, environment_of, folders, specification
from golive.assembly.readiness import checks, gate, prove
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.controller.desk import Desk
    from golive.controller.stage import Notice, Stop
    from golive.drivers.directives import LocalDirectives
    from golive.evidence.record import Record
    from golive.gate.claims.verdict import Judged
    from golive.protocol.outputs import Linted
    from golive.protocol.plan import Part, Question
    from golive.protocol.run import Answer, Run, Word
    from golive.spec.values import Spec


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a run goes on; see `golive protocol run --help`."""

    environment: str = ""
    start: str = ""
    only: str = ""
    again: bool = False
    fresh: bool = False
    timeout: timedelta = timedelta(hours=1)


async def run_protocol(
    file: str,
    opened: Opened,
    options: Options,
    *,
    ask: "Callable[[Part, Question], Answer | None]",
    watch: "Callable[[Notice], None]",
    heard: Callable[[bytes], None],
) -> "Stop":
    """Run a document as far as it goes, and keep its checklist."""
    from golive.controller import protocols
    from golive.controller.stage import Stage

    spec, _ = specification(file)
    environment = usual_environment(spec, options.environment, file)
    here, plan = folders(file), protocol_plan(file, opened)
    with _alone(here), desk(file) as at:
        protocols.refuse_untrusted(at, opened.digest, opened.name)
        _refuse_wrong(linted(file, opened), opened.name)
        stage = Stage(
            desk=at,
            directives=_directives(here, spec, environment, opened, options.timeout, heard),
            judge=_judge(file, environment),
            ask=ask,
            watch=watch,
            again=options.again,
        )
        stop = await protocols.run(
            plan, stage, name=opened.name, start=options.start, only=options.only, fresh=options.fresh
        )
        protocols.keep_checklist(at, plan, stop)
        return stop


def _refuse_wrong(found: "Linted", name: str) -> None:
    """`Failure` before anything is run, when a command of the document cannot do what its line says."""
    failures = [
        Failure(
            where=f"{name}:{one.at.line}:{one.at.column}",
            what=one.what,
            why=one.why,
            next=one.next,
            code=Exit.USAGE,
        )
        for one in found.findings
        if one.severity == "error"
    ]
    if failures:
        failures[0].also = tuple(failures[1:])
        raise failures[0]


def _judge(file: str, environment: str) -> "Callable[[Sequence[str]], Awaitable[Mapping[str, Judged]]]":
    async def judged(claims: Sequence[str]) -> "Mapping[str, Judged]":
        """Verdicts; what is not proven and can be tried is tried first."""
        found = _verdicts(file, environment, claims)
        tried = {check.claim for check in checks(file, environment)}
        open = [
            claim for claim, one in found.items() if one.verdict not in ("proven", "waived") and claim in tried
        ]
        if not open:
            return found
        await prove(file, environment, open, lambda claim, exercised, control: None)
        return _verdicts(file, environment, claims)

    return judged


def _verdicts(file: str, environment: str, claims: Sequence[str]) -> "dict[str, Judged]":
    with gate(file, environment) as at:
        return {one.claim.id: one for one in at.judged() if one.claim.id in claims}


def _directives(
    here: Folders,
    spec: "Spec",
    environment: str,
    opened: Opened,
    timeout: timedelta,
    heard: Callable[[bytes], None],
) -> "LocalDirectives":
    from golive.drivers.directives import LocalDirectives
    from golive.evidence.redaction import Redactor

    redactor = Redactor(exercises.secrets(spec, environment_of(spec, environment, ""), here))

    def redact(content: bytes) -> bytes:
        once = redactor.fresh()
        return once.feed(content) + once.flush()

    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))
    return LocalDirectives(
        root=here.root,
        evidence=here.evidence,
        environ=os.environ,
        names=_named(spec),
        extra={"PATH": path, "GOLIVE_PROTOCOL": str(Path(opened.name).resolve())},
        timeout=timeout,
        redact=redact,
        heard=heard,
    )


def _named(spec: "Spec") -> frozenset[str]:
    """The variables that golive.yaml reads secrets and credentials from, and golive's own."""
    refs = [spec.revision.secrets, *(place.secrets for place in spec.environments.values())]
    found = {ref.name for group in refs for ref in group.values() if ref.source == "env"}
    found |= {one.env for one in spec.readiness.credentials if one.env}
    return frozenset(found | {name for name in os.environ if name.startswith("GOLIVE_")})


@contextmanager
def _alone(here: Folders) -> Iterator[None]:
    """One runner at a time; the lock dies with the process."""
    from golive.drivers.checkout import place
    from golive.drivers.ledgers.locks import Lock, LockBusy

    here.state.mkdir(parents=True, exist_ok=True)
    lock = Lock(here.state / "protocol.lock")
    try:
        lock.acquire(place())
    except LockBusy as busy:
        raise Failure(
            where=str(here.root),
            what="somebody runs a protocol here already",
            why=str(busy),
            next="wait for it, or end it; what it finished is not run again",
            code=Exit.REFUSED,
        ) from None
    try:
        yield
    finally:
        lock.drop()


def newest_run(file: str, opened: Opened) -> "Run | None":
    """The newest run of a document, by a plain read."""
    from golive.assembly.views import records
    from golive.protocol.run import newest

    return newest(records(file), opened.digest)


def trust_document(at: "Desk", opened: Opened, *, is_trusted: bool = True) -> None:
    from golive.controller import protocols

    protocols.trust(at, opened.digest, opened.name, is_trusted=is_trusted)


def answer_question(
    file: str, at: "Desk", opened: Opened, key: str, *, word: "Word", role: str, note: str
) -> "Record":
    """Record a person's answer; see `controller.protocols.answer`."""
    from golive.controller import protocols

    return protocols.answer(at, protocol_plan(file, opened), key, word=word, role=role, note=note)


def person() -> str:
    """Who types."""
    from golive.drivers.checkout import person as found

    return found()
