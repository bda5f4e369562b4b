"""First steps: examples to watch, load to put on them, first files for a folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from golive.assembly.place import folders
from golive.assembly.views import read_back
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.drivers.load.run import LoadRun
    from golive.spec.draft.files import Draft, File


def example(name: str) -> Path:
    """The folder of an example, in a checkout or in an installed package."""
    import golive

    package = Path(golive.__file__).parent
    for folder in (package.parents[1] / "examples" / name, package / "examples" / name):
        if (folder / "golive.yaml").exists():
            return folder
    raise Failure(
        where=f"examples/{name}",
        what="the example is not here",
        why="this installation came without examples",
        next="clone the repository and run make demo there",
        code=Exit.USAGE,
    )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else plays in this example's folder meanwhile; the lock dies with the process."""
    from golive.drivers.checkout import place
    from golive.drivers.ledgers.locks import Lock, LockBusy

    lock = Lock(folder / ".demo.lock")
    try:
        lock.acquire(place())
    except LockBusy as busy:
        raise Failure(
            where=str(folder),
            what="a demo is running here already",
            why=str(busy),
            next="wait for it, or end it",
            code=Exit.REFUSED,
        ) from None
    try:
        yield
    finally:
        lock.drop()


async def load(file: str, environment: str, *, rate: int, paths: Sequence[str]) -> "LoadRun":
    """Constant open-loop load on the front door of an environment; to be used as a context."""
    from golive.drivers.load.run import LoadRun

    routing, unreachable = await read_back(folders(file).environment(environment))
    if routing is None or not routing.entry:
        raise Failure(
            where=environment,
            what="there is no front door to send requests to",
            why=unreachable or "nothing was deployed yet",
            next=f"golive deploy --env {environment}",
        )
    return LoadRun(routing.entry, rate=rate, paths=tuple(paths))


def first_draft(folder: str) -> "Draft":
    """The first files for the application in a folder; nothing is written."""
    from golive import __version__
    from golive.drivers.detect import look
    from golive.spec.draft.files import draft

    drafted = draft(look(Path(folder)), version=__version__)
    return replace(drafted, files=(*drafted.files, *scripts()))


def scripts() -> "tuple[File, ...]":
    """The scripts that protocol documents name: in a checkout of golive, or in an installed package."""
    import golive
    from golive.spec.draft.files import File

    package = Path(golive.__file__).parent
    folders = (package.parents[1] / "scripts", package / "scripts")
    folder = next((folder for folder in folders if (folder / "update_task_state.py").exists()), folders[-1])
    found = sorted(path for path in folder.glob("*") if path.suffix in (".py", ".sh"))
    return tuple(
        File(path=f"scripts/{path.name}", text=path.read_text(encoding="utf-8"), executable=True) for path in found
    )


def add_files(folder: str, files: "Sequence[File]", *, dry_run: bool) -> tuple[tuple[str, str], ...]:
    """Write the files that are not there yet, and say what was done with each, or would be."""
    from golive.drivers.firstfiles import add, foretell

    return foretell(Path(folder), files) if dry_run else add(Path(folder), files)
