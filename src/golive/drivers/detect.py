"""Looking at a folder: which files it has, and the texts of those that may say what the service is.

Bounded in depth, number and size, so that it may be run anywhere. Links are listed, not followed. Files that
hold secrets (`.env`) are listed, never read.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from golive.errors import Exit, Failure
from golive.spec.draft.folder import Folder

DEEPEST = 5  # folders
MOST_PATHS = 5_000
MOST_TEXTS = 300
LARGEST_TEXT = 256 * 1024  # bytes
SKIPPED = frozenset(  # what others made, and what golive keeps
    {"node_modules", "venv", "env", "__pycache__", "evidence", "target", "vendor", "site-packages", "htmlcov"}
)
ENTERED = frozenset({".github", ".gitlab", ".circleci"})  # of the folders whose names begin with a dot
SAYING = frozenset(
    {
        ".gitignore",
        ".gitlab-ci.yml",
        "CODEOWNERS",
        "Containerfile",
        "Dockerfile",
        "Procfile",
        "go.mod",
        "package.json",
        "pyproject.toml",
        "requirements.txt",
        "setup.py",
    }
)
ENDINGS = (".py", ".js", ".mjs", ".cjs", ".ts", ".go", ".yaml", ".yml")


def look(place: Path) -> Folder:
    """What is in the folder; `Failure` (exit 2) when it is none or cannot be read."""
    try:
        paths = _within(place)
    except OSError as error:
        raise Failure(
            where=str(place),
            what="there is no folder to look at",
            why=error.strerror or str(error),
            next="name the folder of your application",
            code=Exit.USAGE,
        ) from error
    return Folder(
        name=place.resolve().name,
        paths=frozenset(paths),
        texts=dict(_texts(place, paths)),
        programs=frozenset(path for path in paths if "/" not in path and _is_program(place / path)),
    )


def _within(place: Path) -> list[str]:
    """Relative paths of the files, those of upper folders first."""
    found: list[str] = []
    waiting = [""]
    while waiting and len(found) < MOST_PATHS:
        folder = waiting.pop(0)
        for item in sorted(os.scandir(place / folder), key=lambda item: item.name):
            path = f"{folder}/{item.name}" if folder else item.name
            if not item.is_dir(follow_symlinks=False):
                found.append(path)
            elif _is_entered(item.name) and path.count("/") < DEEPEST:
                waiting.append(path)
    return found[:MOST_PATHS]


def _is_entered(name: str) -> bool:
    return name in ENTERED or (name not in SKIPPED and not name.startswith("."))


def _texts(place: Path, paths: list[str]) -> Iterator[tuple[str, str]]:
    saying = [path for path in paths if path.rpartition("/")[2] in SAYING]
    coding = [path for path in paths if path.endswith(ENDINGS) and path not in saying]
    for path in (*saying, *coding)[:MOST_TEXTS]:
        text = _text(place / path)
        if text:
            yield path, text


def _text(file: Path) -> str:
    """The file's text; "" for anything but a regular file, and for one that is too large or no text."""
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > LARGEST_TEXT:
            return ""
        return file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _is_program(file: Path) -> bool:
    """A regular file that may be executed and is no script of another language."""
    if file.is_symlink() or not file.is_file() or not os.access(file, os.X_OK):
        return False
    with file.open("rb") as opened:
        return opened.read(4) in (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe") or not file.suffix
