"""A run of a protocol as its records tell it: which commands finished, what was answered. A fold; pure.

Nothing else remembers a run, so taking one up again after a crash is reading its records. A command whose intent
is recorded and whose end is not was interrupted: nobody knows what it did.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from golive.evidence.record import Artifact, Record

BEGAN, ENDED = "protocol.began", "protocol.ended"
COMMAND_BEGAN, COMMAND_ENDED = "protocol.command.began", "protocol.command.ended"
ANSWERED, TRUSTED, CHECKED = "protocol.answered", "protocol.trusted", "protocol.checked"

Ended = Literal["interrupted", "done", "failed", "waiting", "refused"]
Word = Literal["proven", "waived", "attested", "skipped", "failed", "open"]


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What became of one command. `exit_code` None: it did not end in time, or was interrupted."""

    ended: Ended
    seq: int
    at: datetime
    argv: tuple[str, ...] = ()
    exit_code: int | None = None
    took_ms: int = 0
    because: str = ""
    files: tuple[Artifact, ...] = ()
    wrote: Mapping[str, str] = field(default_factory=dict)  # path below evidence/ → SHA-256
    times: int = 1  # how often it was begun


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is known about one question."""

    word: Word
    because: str
    by: str = ""  # who answered; "" when golive judged
    role: str = ""
    seq: int = 0
    records: tuple[int, ...] = ()  # on which a proof rests


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of one document, as far as it is."""

    id: str
    digest: str
    began: datetime
    ran: Mapping[str, Ran] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    ended: str = ""  # completed, or why it was given up


def trusted(records: Iterable[Record]) -> frozenset[str]:
    """Digests of the documents that somebody trusts."""
    found: dict[str, bool] = {}
    for record in records:
        if record.draft.type == TRUSTED:
            found[str(record.draft.body.get("document", ""))] = record.draft.body.get("trusted") is True
    return frozenset(digest for digest, is_trusted in found.items() if is_trusted)


def newest(records: Iterable[Record], digest: str) -> Run | None:
    """The newest run of the document with this digest; None when it was never run."""
    run: Run | None = None
    for record in records:
        draft, body = record.draft, record.draft.body
        if draft.type == BEGAN:
            is_this = str(body.get("document", "")) == digest
            run = Run(id=str(body.get("run", "")), digest=digest, began=draft.at) if is_this else run
        elif run and body.get("run") == run.id:
            run = _after(run, record)
    return run


def _after(run: Run, record: Record) -> Run:
    draft, key = record.draft, str(record.draft.body.get("key", ""))
    match draft.type:
        case "protocol.command.began":
            before = run.ran.get(key)
            argv = draft.body.get("argv")
            begun = Ran(
                ended="interrupted",
                seq=record.seq,
                at=draft.at,
                argv=tuple(map(str, argv)) if isinstance(argv, list) else (),
                times=before.times + 1 if before else 1,
            )
            return replace(run, ran={**run.ran, key: begun})
        case "protocol.command.ended" if key in run.ran:
            return replace(run, ran={**run.ran, key: _ended(run.ran[key], record)})
        case "protocol.answered":
            return replace(run, answers={**run.answers, key: _answer(record)})
        case "protocol.ended":
            return replace(run, ended=str(draft.body.get("outcome", "")))
    return run


def _ended(begun: Ran, record: Record) -> Ran:
    body = record.draft.body
    code, took, wrote = body.get("exit_code"), body.get("took_ms"), body.get("wrote")
    word = str(body.get("ended", ""))
    return replace(
        begun,
        ended=word if word in ("done", "failed", "waiting", "refused") else "failed",  # type: ignore[arg-type]
        seq=record.seq,
        at=record.draft.at,
        exit_code=code if isinstance(code, int) else None,
        took_ms=took if isinstance(took, int) else 0,
        because=str(body.get("because", "")),
        files=record.draft.artifacts,
        wrote={str(k): str(v) for k, v in wrote.items()} if isinstance(wrote, dict) else {},
    )


def _answer(record: Record) -> Answer:
    body = record.draft.body
    word = str(body.get("word", ""))
    return Answer(
        word=word if word in ("proven", "waived", "attested", "skipped", "failed") else "open",  # type: ignore[arg-type]
        because=str(body.get("because", "")),
        by=str(body.get("by", "")),
        role=str(body.get("role", "")),
        seq=record.seq,
        records=tuple(seq for seq in record.draft.cause),
    )


def word_of_exit(code: int | None) -> Ended:
    """What an exit code says: 0 done, 3 waits for a person, 4 refused, everything else failed."""
    return {0: "done", 3: "waiting", 4: "refused"}.get(-1 if code is None else code, "failed")  # type: ignore[return-value]
