"""Built revisions on disk, each in a folder named by its digest, and never changed afterwards.

    revisions/DIGEST/contents        the text whose SHA-256 is DIGEST (see `content`)
    revisions/DIGEST/revision.json   how it is run; part of the digest
    revisions/DIGEST/files/          the built files, read-only; part of the digest
    environments/ENV/settings/DIGEST.json   an environment's own variables and secret references

A revision appears under its name by one rename, so a crash leaves none or all of it. Bytes that were lost in
a power cut, or changed by anybody, are found because everything is hashed again before it is run.
"""

import asyncio
import hashlib
import json
import os
import shutil
import stat
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import rfc8785

from golive.drivers.builders.content import LEFT_OUT, Entry, differences, entries, preimage, walk
from golive.errors import Exit, Failure
from golive.evidence.record import Json
from golive.release.revision import Revision
from golive.spec.values import Environment, SecretRef, Spec

MOST_NAMED = 5  # changed paths in a message
JUST_NOW = timedelta(minutes=10)  # from a build to the rollout that names it, with room for waiting
RETIRED = ".retired"


@dataclass(frozen=True, kw_only=True)
class Runnable:
    """A revision whose bytes were just hashed, with the settings that an environment gives it."""

    folder: str  # absolute; where the run command is run
    run: tuple[str, ...]
    env: Mapping[str, str]
    secrets: Mapping[str, SecretRef]  # none of them is also in `env`
    cache: str  # a folder of its own that it may fill; deleted with the revision


@dataclass(frozen=True)
class FolderShelf:
    """The shelf under `.golive`; what a target needs of it is `open`."""

    state: Path

    async def open(self, revision: Revision, environment: str) -> Runnable:
        """Hash everything again and say how it is run in `environment`."""
        return await asyncio.to_thread(self._open, revision, environment)

    async def verify(self, digest: str) -> None:
        """`Failure` when a byte, a mode, or a path of the revision is not as it was built."""
        await asyncio.to_thread(self.refuse_changed, digest)

    def refuse_changed(self, digest: str) -> None:
        """The same, at once."""
        folder = self.folder(digest)
        try:
            wanted = (folder / "contents").read_bytes()
            found = _hashed(folder)
        except OSError as error:
            raise _missing(folder, error) from error
        if hashlib.sha256(preimage(found)).hexdigest() == digest:
            return
        intact = hashlib.sha256(wanted).hexdigest() == digest
        raise _changed(folder, differences(wanted, found) if intact else [])

    def folder(self, digest: str) -> Path:
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise Failure(where=f"revision {digest!r}", what="this is no digest", code=Exit.USAGE)
        return self.state.absolute() / "revisions" / digest

    def put(self, work: Path, manifest: Mapping[str, Json]) -> str:
        """Turn `work`, which holds `files/`, into a revision, and return its digest. `work` is gone then.

        A revision that is there already stays, unless it was damaged: then this one takes its place.
        """
        _drop_caches(work)
        (work / "revision.json").write_bytes(rfc8785.dumps(dict(manifest)))
        _freeze(work)
        text = preimage(_hashed(work))
        digest = hashlib.sha256(text).hexdigest()
        _write_durably(work / "contents", text)
        place = self.folder(digest)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if place.exists():
            try:
                self.refuse_changed(digest)
                self.touch(digest)
                return digest
            except Failure:
                place.rename(work.with_name(f"{work.name}.damaged"))
        work.rename(place)
        _make_durable(place.parent)
        return digest

    def keep_settings(self, environment: Environment) -> str:
        """Write the environment's own settings and return their digest; "" when it has none."""
        if not environment.env and not environment.secrets:
            return ""
        content = rfc8785.dumps({"env": dict(environment.env), "secrets": _references(environment.secrets)})
        digest = hashlib.sha256(content).hexdigest()
        place = self._settings(environment.name, digest)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not place.exists() or place.read_bytes() != content:
            _write_durably(place.with_suffix(".new"), content)
            place.with_suffix(".new").replace(place)
        return digest

    def touch(self, digest: str) -> None:
        """It was built, or found, just now: `retire` spares it until a rollout can have named it."""
        os.utime(self.folder(digest))

    def retire(self, keep: Set[str]) -> None:
        """Delete every revision whose digest is not in `keep`, but none that was built a moment ago.

        A crash on the way leaves only rubbish, which the next call deletes.
        """
        revisions = self.state.absolute() / "revisions"
        for place in sorted(revisions.iterdir()) if revisions.exists() else ():
            if place.name in keep or time.time() - place.stat().st_mtime < JUST_NOW.total_seconds():
                continue
            retired = place.with_name(place.name.removesuffix(RETIRED) + RETIRED)
            delete(self._cache(place.name))
            delete(place.rename(retired))

    def _open(self, revision: Revision, environment: str) -> Runnable:
        self.refuse_changed(revision.digest)
        folder = self.folder(revision.digest)
        manifest = json.loads((folder / "revision.json").read_bytes())
        own = self._own_settings(revision, environment)
        env = {**manifest["env"], **own["env"]}
        secrets = {**manifest["secrets"], **own["secrets"]}
        return Runnable(
            folder=str(folder / "files"),
            run=tuple(manifest["run"]),
            cache=str(self._cache(revision.digest)),
            env={name: value for name, value in env.items() if name not in own["secrets"]},
            secrets={
                name: SecretRef(source=ref["source"], name=ref["name"])
                for name, ref in secrets.items()
                if name not in own["env"]
            },
        )

    def _own_settings(self, revision: Revision, environment: str) -> dict[str, dict[str, dict[str, str]]]:
        if not revision.settings:
            return {"env": {}, "secrets": {}}
        place = self._settings(environment, revision.settings)
        try:
            content = place.read_bytes()
        except OSError as error:
            raise _missing(place, error) from error
        if hashlib.sha256(content).hexdigest() != revision.settings:
            raise _changed(place, [])
        found: dict[str, dict[str, dict[str, str]]] = json.loads(content)
        return found

    def _cache(self, digest: str) -> Path:
        return self.state.absolute() / "cache" / "revisions" / digest[:12]

    def _settings(self, environment: str, digest: str) -> Path:
        return self.state.absolute() / "environments" / environment / "settings" / f"{digest}.json"


def manifest(spec: Spec) -> dict[str, Json]:
    """How instances of the service are run in any environment: the content of `revision.json`."""
    return {
        "service": spec.service,
        "run": list(spec.revision.run),
        "env": dict(spec.revision.env),
        "secrets": _references(spec.revision.secrets),
    }


def delete(tree: Path) -> None:
    """Delete a folder, whatever modes a build gave to what is in it."""
    for path in ["", *walk(tree)] if tree.is_dir() else ():
        place = tree / path
        if place.is_dir() and not place.is_symlink():
            place.chmod(0o700)
    shutil.rmtree(tree, ignore_errors=True)


def _references(secrets: Mapping[str, SecretRef]) -> dict[str, Json]:
    return {name: {"source": ref.source, "name": ref.name} for name, ref in secrets.items()}


def _hashed(folder: Path) -> list[Entry]:
    """What the digest covers: everything but `contents`, which is its text."""
    return [found for found in entries(folder) if found.path != "contents"]


def _drop_caches(work: Path) -> None:
    for folder, names, _ in os.walk(work):
        if LEFT_OUT in names:
            names.remove(LEFT_OUT)
            delete(Path(folder, LEFT_OUT))


def _freeze(work: Path) -> None:
    """Nobody writes to the files again; folders stay writable, so that they can be deleted."""
    for path in ["", *walk(work)]:
        place = work / path
        mode = place.lstat().st_mode
        if stat.S_ISDIR(mode):
            place.chmod(0o700)
        elif stat.S_ISREG(mode):
            place.chmod(0o500 if mode & stat.S_IXUSR else 0o400)


def _write_durably(place: Path, content: bytes) -> None:
    with place.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing(place: Path, error: OSError) -> Failure:
    return Failure(
        where=str(place),
        what="this revision cannot be read",
        why=error.strerror or str(error),
        next="build it again: golive deploy",
    )


def _changed(place: Path, changes: list[str]) -> Failure:
    shown = "; ".join(changes[:MOST_NAMED]) or "the list of its contents was changed too"
    more = f"; and {len(changes) - MOST_NAMED} more" if len(changes) > MOST_NAMED else ""
    return Failure(
        where=str(place),
        what="its bytes do not hash to its digest",
        why=f"{shown}{more}",
        next="find out who changed it; golive deploy builds it again and replaces this one",
        code=Exit.TAMPERED,
    )
