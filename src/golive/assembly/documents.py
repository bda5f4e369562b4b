"""Protocol documents as they are on disk: read, checked against their scripts, planned. Nothing is run."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.place import environment_of, folders
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.protocol.document import Directive, Document
    from golive.protocol.outputs import Linted
    from golive.protocol.plan import Plan
    from golive.protocol.world import World
    from golive.spec.values import Spec

MOST_BYTES = 16 * 1024 * 1024
USUAL = "production"
PLACES = ("protocols/**/*.md", "docs/protocols/**/*.md", "*protocol*.md", "*PROTOCOL*.md")
MOST_DOCUMENTS = 200
PHASES = {  # the names that such protocols give their phases
    "bootstrap": "0",
    "prd": "1",
    "tasks": "2",
    "implementation": "3",
    "quality": "4",
    "retrospective": "5",
    "operations": "6",
}


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A document as it was read."""

    name: str
    digest: str  # SHA-256 of its bytes
    document: "Document"


def open_document(path: str) -> Opened:
    """Read a document. Whatever its bytes are, it is a document; `Failure` only when it cannot be read."""
    from golive.protocol.parse import parse

    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    if len(content) > MOST_BYTES:
        raise _unreadable(path, f"it is larger than {MOST_BYTES // 1024**2} MiB")
    return Opened(name=path, digest=hashlib.sha256(content).hexdigest(), document=parse(content, path))


def _unreadable(path: str, why: str) -> Failure:
    return Failure(
        where=path,
        what="this document cannot be read",
        why=why,
        next="name a Markdown file: golive protocol plan FILE",
        code=Exit.USAGE,
    )


def linted(
    file: str, opened: Opened, *, skip_missing: bool = False, safe: frozenset[str] = frozenset()
) -> "Linted":
    """What is wrong with a document and its scripts. Only `safe` scripts are run, with --help and nothing else."""
    from golive.protocol.lint import lint
    from golive.protocol.outputs import Linted

    world = _world(file, opened, safe)
    findings = lint(opened.document, world, skip_missing=skip_missing)
    return Linted(path=opened.name, document=opened.document, findings=findings)


def protocol_plan(file: str, opened: Opened) -> "Plan":
    """What a document would do here; nothing is run and nothing written."""
    from golive.protocol.effects import effect
    from golive.protocol.invocation import invocation
    from golive.protocol.plan import Known, plan

    world, rows = _world(file, opened), opened.document.text.split("\n")

    def known(directive: "Directive") -> Known:
        """What the directive's script declares."""
        if not directive.argv:
            return Known()
        one = invocation(directive, rows)
        script, declared = world.scripts.get(one.script), effect(one, world)
        word = declared.name if declared.how == "declared" else "unknown"
        return Known(effect=word, dry_run=script.contract.dry_run if script else "")  # type: ignore[arg-type]

    return plan(opened.document, opened.digest, known)


def _world(file: str, opened: Opened, safe: frozenset[str] = frozenset()) -> "World":
    from golive.drivers.scripts.facts import gather

    beside = Path(opened.name).resolve().parent
    return gather(folders(file).root, opened.document, beside=beside, safe=safe)


def protocol_documents(file: str, phase: str) -> list[Opened]:
    """The protocols of a service: the one that is being run, or those in the usual places; of one phase or all."""
    root, running = folders(file).root, os.environ.get("GOLIVE_PROTOCOL", "")
    found = {Path(running)} if running and Path(running).is_file() else set()
    found |= {path for pattern in PLACES for path in root.glob(pattern) if path.is_file()}
    opened = [open_document(_shown(path, root)) for path in sorted(found)[:MOST_DOCUMENTS]]
    number = PHASES.get(phase.lower(), phase)
    chosen = {one.digest: one for one in opened if one.document.phase and number in ("", one.document.phase)}
    return list(chosen.values())


def _shown(path: Path, root: Path) -> str:
    try:
        return os.path.relpath(path, Path.cwd())
    except ValueError:
        return str(path)


def usual_environment(spec: "Spec", asked: str, file: str) -> str:
    """The environment whose readiness a protocol is about: the one named, production, or the last of the chain."""
    if asked:
        return environment_of(spec, asked, file).name
    if USUAL in spec.environments:
        return USUAL
    needing = [name for name, place in spec.environments.items() if place.requires]
    return (needing or list(spec.environments))[-1]
