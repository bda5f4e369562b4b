"""Saying what a folder holds, from everything that its files tell."""

from collections.abc import Iterator
from dataclasses import replace

from golive.spec.draft.containers import compose, dockerfile, kubernetes, procfile
from golive.spec.draft.folder import Folder
from golive.spec.draft.found import Found, left_open
from golive.spec.draft.node import node
from golive.spec.draft.others import go, program, static
from golive.spec.draft.python import python

LANGUAGES = (python, node, go)
STARTERS = (procfile, dockerfile, compose, kubernetes)  # the surest first
PLAIN = (program, static)
NOTHING = Found(
    what="nothing that golive knows",
    because="no pyproject.toml, package.json, go.mod, Procfile, Dockerfile, program or index.html",
    run=(left_open("the command that starts the service; it must listen on $PORT"),),
)


def recognise(folder: Folder) -> Found:
    """What the folder holds. The language says how it is built; a Procfile how it is started, before the code."""
    language = next((found for look in LANGUAGES if (found := look(folder))), None)
    starters = [found for look in STARTERS if (found := look(folder))]
    if language is None and not starters:
        return next((found for look in PLAIN if (found := look(folder))), NOTHING)
    return _joined(language or _unbuilt(starters[0]), starters)


def _unbuilt(starter: Found) -> Found:
    note = "how its files are built is not known here; see golive spec explain revision.build"
    return replace(starter, run=(), notes=(*starter.notes, note))


def _joined(base: Found, starters: list[Found]) -> Found:
    """The base with what the other files add: a start command, a health path, instances, variables."""
    start = next(_starts(base, starters), base)
    return replace(
        base,
        because=base.because
        if start.because == base.because
        else f"{base.because}; started as {start.because} says",
        run=start.run or (left_open("the command that starts the service; it must listen on $PORT"),),
        env={**base.env, **{name: value for one in starters for name, value in one.env.items()}},
        secrets=tuple(dict.fromkeys(name for one in starters for name in one.secrets)),
        health=base.health or next((one.health for one in starters if one.health), ""),
        instances=max((one.instances for one in starters), default=0),
        notes=tuple(dict.fromkeys(note for one in (base, *starters) for note in one.notes)),
    )


def _starts(base: Found, starters: list[Found]) -> Iterator[Found]:
    """Who is believed about the start command, in order."""
    yield from (one for one in starters if one.run and one.because.startswith("Procfile"))
    if base.run and not _is_open(base):
        yield base
    yield from (one for one in starters if one.run)
    if base.run:
        yield base


def _is_open(found: Found) -> bool:
    return any(argument.startswith(left_open("")) for argument in found.run)
