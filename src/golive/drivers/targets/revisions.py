"""What a target needs of whoever keeps built revisions; `drivers.builders.shelf` has it, and is not known here."""

from collections.abc import Mapping
from typing import Protocol

from golive.release.revision import Revision
from golive.spec.values import SecretRef


class Runnable(Protocol):
    """A revision whose bytes were just hashed, with the settings that an environment gives it."""

    @property
    def folder(self) -> str:
        """Absolute; where the run command is run."""
        ...

    @property
    def run(self) -> tuple[str, ...]: ...

    @property
    def env(self) -> Mapping[str, str]: ...

    @property
    def secrets(self) -> Mapping[str, SecretRef]:
        """None of them is also in `env`."""
        ...

    @property
    def cache(self) -> str:
        """A folder of its own that it may fill; it may be deleted while nothing runs."""
        ...


class Shelf(Protocol):
    """Where built revisions are kept."""

    async def open(self, revision: Revision, environment: str) -> Runnable:
        """Hash the bytes and the settings again and say how to run them.

        `Failure` when the revision is missing or anything in it was changed, with the first paths.
        """
        ...
