"""The manifest for people and other tools: every file that records vouch for, with its real checksum.

Shape: `{"artifacts": [{path, category, description, checksum, created_at, phase, automation}], "metadata":
{project_name, workflow_version, generated_at, total_artifacts}}`, the field names that such protocols use; we add
`size`, `media_type` and `record`. It is made from the records alone, so making it again gives the same bytes; the
records, not the manifest, are what is trusted. Older forms (a bare list, other key names) are read and upgraded.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from golive.errors import Exit, Failure
from golive.evidence.record import Artifact, Record
from golive.evidence.shape import instant, tampered
from golive.evidence.tree.heads import KEY_RECORD
from golive.evidence.verification import Files

PATH = "manifest.json"
PHASE = 6
VERSION = "1"
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")
_FOLDERS = {"specs": "config", "trust": "config", "deployments": "evidence", "attestations": "evidence"}
_RENAMED = {"path": ("path", "file", "location", "filename", "name"), "checksum": ("checksum", "sha256", "digest")}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file as a manifest of any form tells of it; `checksum` is "" when it tells none."""

    path: str
    checksum: str
    rest: Mapping[str, Any]


@dataclass(kw_only=True)
class Listing:
    """The manifest as it grows: takes records in order, and can be written at any size of the log."""

    service: str = ""
    _last: datetime | None = None
    _entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        self._last = record.draft.at
        if record.draft.type == KEY_RECORD:
            self.service = str(record.draft.body.get("service", ""))
        for artifact in record.draft.artifacts:
            self._entries.setdefault(artifact.path, _entry(artifact, record))

    def encoded(self) -> bytes:
        body = {
            "artifacts": [self._entries[path] for path in sorted(self._entries)],
            "metadata": {
                "project_name": self.service,
                "workflow_version": VERSION,
                "generated_at": instant(self._last) if self._last else "",
                "total_artifacts": len(self._entries),
            },
        }
        return json.dumps(body, indent=2, ensure_ascii=False).encode() + b"\n"


def manifest(records: Iterable[Record]) -> bytes:
    """The manifest over the files that `records` name."""
    listing = Listing()
    for record in records:
        listing.take(record)
    return listing.encoded()


@dataclass(kw_only=True)
class Listed:
    """What the manifest must be: made from the records under one of the heads that were published."""

    sizes: frozenset[int]
    _listing: Listing = field(default_factory=Listing)
    _made: set[bytes] = field(default_factory=set)

    def take(self, record: Record) -> None:
        self._listing.take(record)
        if record.seq in self.sizes:
            self._made.add(hashlib.sha256(self._listing.encoded()).digest())

    def faults(self, found: bytes | None) -> Iterator[Failure]:
        """`found` is None where there is no manifest; before the first seal there is none."""
        if found is not None and hashlib.sha256(found).digest() not in self._made:
            what = "the manifest is not what the records say"
            yield tampered(PATH, what, "golive evidence manifest makes it from them again")


def read(text: bytes, where: str) -> tuple[Entry, ...]:
    """The entries of a manifest of any known form; `Failure` (exit 2) when it is none.

    Known: an object with `artifacts` or `evidence`, or a bare list, of objects or of paths.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_manifest(where, str(error)) from error
    listed = found.get("artifacts", found.get("evidence")) if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise _no_manifest(where, "it has no list of artifacts")
    return tuple(_known(item, f"{where}: artifacts[{place}]") for place, item in enumerate(listed))


def upgraded(text: bytes, where: str, files: Files) -> bytes:
    """An older manifest in today's form: unknown fields stay, checksums are those of the files.

    `Failure` (exit 5) with every file that is missing, or is not what its checksum says.
    """
    entries = read(text, where)
    faults = list(faults_in(entries, files, unproven=False))
    if faults:
        raise faults[0] if len(faults) == 1 else _together(faults)
    found = json.loads(text)
    body = dict(found) if isinstance(found, dict) else {}
    for old in ("evidence", "artifacts"):
        body.pop(old, None)
    told = body.get("metadata", {})
    metadata = {**(told if isinstance(told, dict) else {}), "total_artifacts": len(entries)}
    artifacts = [{**e.rest, "path": e.path, "checksum": _measured(e, files)} for e in entries]
    return (
        json.dumps({**body, "artifacts": artifacts, "metadata": metadata}, indent=2, ensure_ascii=False).encode()
        + b"\n"
    )


def faults_in(entries: Iterable[Entry], files: Files, *, unproven: bool = True) -> Iterator[Failure]:
    """What is missing or another; with `unproven`, also what has no checksum to compare with."""
    for entry in entries:
        measured = files.measure(entry.path)
        if measured is None:
            yield tampered(entry.path, "this file is missing", "the manifest names it")
        elif entry.checksum and measured.sha256 != entry.checksum:
            why = f"the manifest says {entry.checksum[:16]}…, it is {measured.sha256[:16]}…"
            yield tampered(entry.path, "this file was changed", why)
        elif not entry.checksum and unproven:
            yield tampered(entry.path, "the manifest has no checksum for this file", "so nothing is proven of it")


def _entry(artifact: Artifact, record: Record) -> dict[str, Any]:
    return {
        "path": artifact.path,
        "category": _category(artifact.path),
        "description": f"{record.draft.type} in {record.draft.environment or 'the log'}",
        "checksum": artifact.sha256,
        "created_at": instant(record.draft.at),
        "phase": PHASE,
        "automation": {"script": "golive", "executed_at": instant(record.draft.at)},
        "size": artifact.size_bytes,
        "media_type": artifact.media_type,
        "record": record.seq,
    }


def _category(path: str) -> str:
    if path.endswith(".md"):
        return "documentation"
    if "/smoke-" in path or "/samples-" in path:
        return "test"
    return _FOLDERS.get(path.split("/")[1], "evidence")


def _known(item: object, where: str) -> Entry:
    if isinstance(item, str):
        return Entry(path=item, checksum="", rest={})
    if not isinstance(item, dict):
        raise _no_manifest(where, "an entry is a path or an object")
    names = {
        new: next((old for old in olds if isinstance(item.get(old), str)), "") for new, olds in _RENAMED.items()
    }
    if not names["path"]:
        raise _no_manifest(where, "it names no path")
    told = str(item.get(names["checksum"], ""))
    digits = _SHA256.fullmatch(told)
    if told and not digits:
        raise _no_manifest(where, f"{told[:40]!r} is no SHA-256")
    rest = {key: value for key, value in item.items() if key not in (names["path"], names["checksum"])}
    return Entry(path=str(item[names["path"]]), checksum=digits[1].lower() if digits else "", rest=rest)


def _measured(entry: Entry, files: Files) -> str:
    measured = files.measure(entry.path)
    assert measured  # looked at a moment ago
    return measured.sha256


def _together(faults: list[Failure]) -> Failure:
    first, *more = faults
    return Failure(
        where=first.where, what=first.what, why=first.why, next=first.next, code=Exit.TAMPERED, also=tuple(more)
    )


def _no_manifest(where: str, why: str) -> Failure:
    return Failure(
        where=where,
        what="this is not a manifest",
        why=why,
        next="give a JSON file with a list of artifacts",
        code=Exit.USAGE,
    )
