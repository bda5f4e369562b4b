"""How a service's folder becomes a revision."""

from typing import Protocol

from golive.evidence.record import Artifact
from golive.release.revision import Revision
from golive.spec.values import Environment, Spec


class Builder(Protocol):
    """Makes revisions; implemented by `drivers.builders.folder`."""

    async def build(self, spec: Spec, environment: Environment) -> tuple[Revision, tuple[Artifact, ...]]:
        """Build (or find) the revision and return it with the redacted build log.

        The same input gives the same digest. A failing build command, a file outside the folder, or a
        link that leaves it is a `Failure`; the log is kept either way.
        """
        ...
