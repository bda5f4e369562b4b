"""The memory of a lookout: one JSON file, replaced whole each time, and a lock that one lookout holds."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from golive.errors import Exit, Failure
from golive.slo.firing import Firing, Watched
from golive.slo.series import labels_of


class LookoutFile:
    """Implements `controller.lookout.Memory`. Any number of commands may read it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Watched:
        """What the last round left; nothing when there was none. A file that cannot be read is set aside."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            firing = (
                Firing(**{**one, "labels": labels_of(map(tuple, one["labels"]))}) for one in content["firing"]
            )
            return Watched(**{**content, "firing": tuple(firing), "unheard": tuple(content.get("unheard", ()))})
        except FileNotFoundError:
            return Watched()
        except (ValueError, TypeError, KeyError) as error:
            return Watched(trouble=f"{self.path.name} cannot be read: {error}; alerts that fire are told again")
        except OSError as error:
            raise self._failed(error) from error

    def save(self, watched: Watched) -> None:
        """Whole or not at all, and on disk when this returns."""
        draft = self.path.with_name(f".{self.path.name}.part")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(asdict(watched), file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            raise self._failed(error) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """One lookout at a time; the system lets go when it ends, however it ends."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = self.path.with_suffix(".lock").open("a")
        except OSError as error:
            raise self._failed(error) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Failure(
                    where=str(self.path.parent),
                    what="another golive watches this environment already",
                    why="two would tell everything twice",
                    next="golive observe watch --stop ends one in the background",
                    code=Exit.REFUSED,
                ) from None
            yield

    def _failed(self, error: OSError) -> Failure:
        return Failure(
            where=str(self.path),
            what="the memory of the lookout cannot be read or written",
            why=error.strerror or str(error),
            next="free some space, and mend the rights of the folder",
        )
