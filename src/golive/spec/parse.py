"""The operator's file to frozen values, or to every error in it at once."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import ValidationError

from golive.errors import Exit, Failure
from golive.spec.crosschecks import crosschecks
from golive.spec.fault import Fault, Path, path_text, printable
from golive.spec.mistakes import mistakes
from golive.spec.shape.service import Service
from golive.spec.tree import Mark, Node, mark_of, plain
from golive.spec.values import Spec
from golive.spec.yaml12 import Unreadable, read

MOST_SHOWN = 50  # failures of one reading; a file with more is better mended in rounds


@dataclass(frozen=True, kw_only=True)
class _Placed:
    fault: Fault
    mark: Mark
    path: Path


def parse(text: bytes, *, name: str) -> Spec:
    """The specification. `name` is what the operator calls the file; messages begin with it.

    Raises `Failure` (exit 2) for the first fault in the file, with the others in `also`, in order of place.
    Each names line and column (from 1), the key, the offending value, the limit, and what to do. Values of
    secrets are never repeated. Any bytes give an answer within seconds.
    """
    try:
        root = read(text)
    except Unreadable as error:
        raise _failure((_Placed(fault=m.fault, mark=m.mark, path=m.path) for m in error.found), name) from None
    tree = plain(root)
    assert isinstance(tree, dict)
    service, faults = _validated(tree)
    found = (*islice(faults, MOST_SHOWN + 1), *islice(crosschecks(tree), MOST_SHOWN + 1))
    placed = [_placed(fault, root) for fault in found]
    if placed or service is None:
        raise _failure(placed, name)
    return service.value(source=name, digest=hashlib.sha256(text).hexdigest())


def _validated(tree: Mapping[str, Any]) -> tuple[Service | None, Iterable[Fault]]:
    try:
        return Service.model_validate(tree, by_alias=True), ()
    except ValidationError as error:
        return None, mistakes(error)


def _placed(fault: Fault, root: Node) -> _Placed:
    return _Placed(fault=fault, mark=mark_of(root, fault.at, key=fault.in_key), path=fault.at)


def _failure(placed: Iterable[_Placed], name: str) -> Failure:
    ordered = sorted(placed, key=lambda one: one.mark)
    failures = [*_failures(ordered[:MOST_SHOWN], name)]
    if len(ordered) > MOST_SHOWN:
        failures.append(Failure(where=name, what="there is more; mend these first", code=Exit.USAGE))
    first = failures[0]
    return Failure(
        where=first.where,
        what=first.what,
        why=first.why,
        next=first.next,
        code=Exit.USAGE,
        also=tuple(failures[1:]),
    )


def _failures(placed: Iterable[_Placed], name: str) -> Iterator[Failure]:
    for one in placed:
        path = path_text(_without_secrets(one.path))
        yield Failure(
            where=printable(f"{name}:{one.mark.line}:{one.mark.column}" + (f": {path}" if path else "")),
            what=printable(one.fault.what),
            why=printable(one.fault.why),
            next=printable(one.fault.next),
            code=Exit.USAGE,
        )


def _without_secrets(path: Path) -> Path:
    """The path up to the secret's name: what stands below may be the secret itself."""
    return path[: path.index("secrets") + 2] if "secrets" in path else path
