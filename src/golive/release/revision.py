"""A revision: an immutable build, named by its digest, with the settings it runs under."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Revision:
    """What can be started and given traffic.

    `digest` is the SHA-256 over paths, modes and bytes of the built folder, run command and common
    settings included. `settings` is the SHA-256 of the environment's own settings, or "" when it has
    none: the same build in two environments shares `digest`, never `name`.
    """

    digest: str
    settings: str = ""

    @property
    def name(self) -> str:
        """Unique within an environment and safe in file and cluster names, such as `3f2a91c04b7d`."""
        return self.digest[:12] + (f"-{self.settings[:6]}" if self.settings else "")
