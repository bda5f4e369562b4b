"""Where a service keeps things, and its specification."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.spec.values import Environment, Spec

STATE = ".golive"
EVIDENCE = "evidence"
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Folders:
    """Where a service keeps things, all beside its golive.yaml."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / STATE

    @property
    def evidence(self) -> Path:
        return self.root / EVIDENCE

    def environment(self, name: str) -> Path:
        return self.state / "environments" / name


def folders(file: str) -> Folders:
    return Folders(Path(file).resolve().parent)


def specification(file: str) -> "tuple[Spec, bytes]":
    """The parsed file and its bytes, or a `Failure` that says what is wrong with it."""
    from golive.spec.parse import parse

    try:
        with Path(file).open("rb") as opened:
            text = opened.read(MOST_BYTES + 1)  # what is longer, the parser refuses
    except OSError as error:
        raise Failure(
            where=file,
            what="there is no specification here" if not Path(file).exists() else "it cannot be read",
            why=error.strerror or str(error),
            next="golive init writes one for the application in this folder",
            code=Exit.USAGE,
        ) from error
    return parse(text, name=file), text


def environment_of(spec: "Spec", name: str, file: str) -> "Environment":
    if name in spec.environments:
        return spec.environments[name]
    near = get_close_matches(name, spec.environments, n=1)
    raise Failure(
        where=f"{file}: environments",
        what=f"there is no environment {name!r}",
        why=f"the file has: {', '.join(spec.environments)}",
        next=f"did you mean {near[0]!r}?" if near else "name one of them, or add it to the file",
        code=Exit.USAGE,
    )
