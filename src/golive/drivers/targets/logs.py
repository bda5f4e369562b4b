"""What instances printed: one log for each, kept for a while after it was stopped."""

from collections.abc import Iterator, Set
from pathlib import Path

TAIL_BYTES = 4 * 1024 * 1024
KEPT = 20  # logs of stopped instances


def tail(log: Path, lines: int) -> tuple[str, ...]:
    """The last lines, with those of the part that was rotated away last when there are too few."""
    own = _lines(log)
    if len(own) < lines:
        own = _lines(log.with_name(f"{log.name}.1")) + own
    return tuple(own[-lines:]) if lines else ()


def prune(folder: Path, running: Set[str]) -> None:
    """Delete the oldest logs of instances that are gone; `running` are names."""
    gone = sorted(_gone(folder, running), key=lambda log: log.stat().st_mtime, reverse=True)
    for log in gone[KEPT:]:
        for part in folder.glob(f"{log.name}*"):
            part.unlink(missing_ok=True)


def _gone(folder: Path, running: Set[str]) -> Iterator[Path]:
    return (log for log in folder.glob("web-*.log") if log.stem not in running)


def _lines(log: Path) -> list[str]:
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL_BYTES))
            return file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return []
