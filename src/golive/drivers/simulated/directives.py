"""Commands of a document that are not run: each ends as it was told to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from golive.errors import Exit, Failure
from golive.protocol.directives import Finished


@dataclass(kw_only=True)
class SimulatedDirectives:
    """Implements `protocol.directives.Directives`. `scripts`: the exit code of each; others are not there."""

    scripts: Mapping[str, int | None]
    performed: list[tuple[str, ...]] = field(default_factory=list)

    async def perform(self, argv: tuple[str, ...]) -> Finished:
        if argv[0] not in self.scripts:
            raise Failure(
                where=argv[0],
                what="this script cannot be run",
                why="No such file or directory",
                next="golive init writes the six scripts",
                code=Exit.USAGE,
            )
        self.performed.append(argv)
        code = self.scripts[argv[0]]
        said = f"{argv[0]} said {code}\n".encode()
        return Finished(
            exit_code=code,
            stdout=said,
            stderr=b"",
            took=timedelta(milliseconds=5),
            because=said.decode().strip(),
            wrote={},
        )
