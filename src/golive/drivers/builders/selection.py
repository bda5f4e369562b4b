"""Which files of the service's folder make a revision: glob patterns, `**` crosses folders."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from golive.errors import Exit, Failure

EVERYTHING_BELOW = "/**"
WILDCARDS = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Selection:
    """Included and not excluded. A pattern that names a folder means everything below it.

    `exclude` means that for wildcards too (`*.egg-info`), `include` does not: `*` includes no folder.
    """

    include: tuple[str, ...]
    exclude: tuple[str, ...]

    def paths(self, root: Path) -> list[str]:
        """The chosen files and links of `root`, relative; `Failure` when a name or everything is missing."""
        found = [path for path in self._walk(root) if self._includes(path)]
        for pattern in self.include:
            if not WILDCARDS.search(pattern) and not (root / pattern).exists():
                raise _missing(root, pattern)
        if not found:
            raise _empty(root, self.include)
        return found

    def _walk(self, root: Path) -> Iterator[str]:
        """Everything but folders, excluded ones not entered and links not followed."""
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            with os.scandir(root / folder) as items:
                for item in items:
                    path = f"{folder}/{item.name}" if folder else item.name
                    if self._excludes(path):
                        continue
                    if item.is_dir(follow_symlinks=False):
                        waiting.append(path)
                    else:
                        yield path

    def _includes(self, path: str) -> bool:
        return bool(self._included.fullmatch(path))

    def _excludes(self, path: str) -> bool:
        return bool(self._excluded and self._excluded.fullmatch(path))

    @cached_property
    def _included(self) -> re.Pattern[str]:
        return _any_of(self.include, below=_names_a_folder)

    @cached_property
    def _excluded(self) -> re.Pattern[str] | None:
        return _any_of(self.exclude, below=lambda pattern: True) if self.exclude else None


def _any_of(patterns: tuple[str, ...], below: Callable[[str], bool]) -> re.Pattern[str]:
    each = (_expression(pattern) + ("(?:/.*)?" if below(pattern) else "") for pattern in patterns)
    return re.compile("|".join(each), re.DOTALL)


def _names_a_folder(pattern: str) -> bool:
    return pattern.endswith(EVERYTHING_BELOW) or not WILDCARDS.search(pattern.rpartition("/")[2])


def _expression(pattern: str) -> str:
    """`**/` is any number of folders, `*` and `?` stay within one, a trailing `/**` is the folder itself."""
    pattern = pattern.strip("/").removesuffix(EVERYTHING_BELOW)
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[!?[^\]/]+\])", pattern)
    return "".join(_TRANSLATED.get(part) or _literal_or_set(part) for part in parts)


_TRANSLATED = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _literal_or_set(part: str) -> str:
    if part.startswith("[") and part.endswith("]"):
        inverted = part.startswith("[!")
        inner = part[2 if inverted else 1 : -1].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
        return f"[{'^/' if inverted else ''}{inner}]"
    return re.escape(part)


def _missing(root: Path, pattern: str) -> Failure:
    return Failure(
        where=f"revision.include: {pattern}",
        what="there is no such file",
        why=f"it was looked for in {root}",
        next="correct the name, or remove it from revision.include",
        code=Exit.USAGE,
    )


def _empty(root: Path, include: tuple[str, ...]) -> Failure:
    return Failure(
        where="revision.include",
        what=f"no file matches {', '.join(include)}",
        why=f"looked for in {root}, with what revision.exclude names left out",
        next="correct the patterns: `**` crosses folders, `*` does not",
        code=Exit.USAGE,
    )
