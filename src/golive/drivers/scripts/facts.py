"""Gathers what a lint must know of the disk: each script that a protocol names, each file that it refers to.

Nothing is followed out of the root, nothing but regular files is opened, all of it is bounded, and nothing runs.
Scripts that the operator calls safe are the exception: they are asked for `--help` when their text does not show
what they accept.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from golive.drivers.scripts.help import printed_help
from golive.protocol.checks.references import references
from golive.protocol.contracts.contract import Contract, Note
from golive.protocol.contracts.help import with_help
from golive.protocol.contracts.learn import learn
from golive.protocol.document import Document
from golive.protocol.invocation import invocations
from golive.protocol.world import Script, State, World

LARGEST = 512 * 1024  # bytes of one script
MOST_BYTES = 8 * 1024 * 1024  # of all scripts together
MOST_SCRIPTS = 500
MOST_REFERENCES = 2_000
FIRST_LINE = 200  # characters
AT_ONCE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe would wait for its writer


class _Refused(Exception):
    """A path that is not read, with what it is instead."""

    def __init__(self, path: str, state: State, why: str = "") -> None:
        super().__init__(why)
        self.script = Script(path=path, state=state, why=why)


def gather(root: Path, document: Document, *, beside: Path, safe: frozenset[str] = frozenset()) -> World:
    """The facts for `protocol.lint.lint`.

    Scripts are looked for below `root`, references from the folder `beside`. `safe` are scripts, as the
    document writes them, that may be run with `--help` and nothing else.
    """
    inside = Path(os.path.realpath(root))
    scripts: dict[str, Script] = {}
    left = MOST_BYTES
    for one in invocations(document):
        if one.script and not one.is_program and one.script not in scripts and len(scripts) < MOST_SCRIPTS:
            found, source = _look(inside, one.script, left)
            left -= len(source)
            if found.state == "file" and one.script in safe and not found.contract.known:
                found = replace(found, contract=_asked(inside, found, source))
            scripts[one.script] = found
    return World(scripts=scripts, exists=dict(_existing(inside, document, beside)))


def _look(root: Path, path: str, left: int) -> tuple[Script, str]:
    """One script, and its text."""
    try:
        content, mode = _read(root, path, min(LARGEST, left))
    except _Refused as refused:
        return refused.script, ""
    source = content.decode("utf-8", "replace")
    script = Script(
        path=path,
        state="file",
        executable=bool(mode & 0o111),
        first_line=source.partition("\n")[0][:FIRST_LINE],
        contract=learn(source, path),
    )
    return script, source


def _read(root: Path, path: str, most: int) -> tuple[bytes, int]:
    """A regular file inside the root, and its mode."""
    real = _inside(root, path)
    try:
        opened = _open(root, real)
    except OSError as error:
        missing = error.errno in {errno.ENOENT, errno.ENOTDIR}
        raise _Refused(path, "missing" if missing else "unreadable", error.strerror or str(error)) from None
    try:
        about = os.fstat(opened)
        if not stat.S_ISREG(about.st_mode):
            raise _Refused(path, "unreadable", "it is no regular file")
        if about.st_size > most:
            raise _Refused(path, "unreadable", f"it has {about.st_size} bytes, and {most} are read at most")
        with open(opened, "rb", closefd=False) as file:
            return file.read(most), about.st_mode
    finally:
        os.close(opened)


def _inside(root: Path, path: str) -> Path:
    """The file behind all links; refused when it is outside the root, whether by its name or by a link."""
    if "\0" in path or len(path) > 4096:
        raise _Refused(path, "unreadable", "this is no name of a file")
    named = Path(os.path.normpath(root / path))
    real = Path(os.path.realpath(root / path))
    if not named.is_relative_to(root):
        raise _Refused(path, "outside", "leads out of the repository")
    if not real.is_relative_to(root):
        raise _Refused(path, "outside", "is a link that leads out of the repository")
    return real


def _open(root: Path, real: Path) -> int:
    """Folder by folder, so that no link that appears meanwhile is followed."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        *folders, name = real.relative_to(root).parts or (".",)
        for part in folders:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(name, AT_ONCE, dir_fd=folder)
    finally:
        os.close(folder)


def _asked(root: Path, script: Script, source: str) -> Contract:
    """The contract by the script's own help; its unknown contract with one more reason when that fails."""
    try:
        text = printed_help(_inside(root, script.path))
    except (OSError, _Refused) as error:
        why = error.strerror if isinstance(error, OSError) else "it is gone"
        note = Note(line=0, text=f"it could not be asked for help: {why}")
        return replace(script.contract, notes=(*script.contract.notes, note))
    return with_help(source, text)


def _existing(root: Path, document: Document, beside: Path) -> Iterator[tuple[str, bool]]:
    """Whether files that the text refers to exist; those outside the root are nobody's business here."""
    folder = Path(os.path.realpath(beside))
    for one in references(document)[:MOST_REFERENCES]:
        if "\0" in one.path or len(one.path) > 4096:
            continue
        places = [Path(os.path.realpath(start / one.path)) for start in (folder, root)]
        within = [place for place in places if place.is_relative_to(root)]
        if within:
            yield one.path, any(os.path.lexists(place) for place in within)
