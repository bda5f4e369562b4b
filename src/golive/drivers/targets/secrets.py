"""Reading secrets where a specification says that they are, at the moment an instance starts."""

from collections.abc import Mapping
from pathlib import Path

from golive.errors import Exit, Failure
from golive.spec.values import SecretRef

MOST_BYTES = 64 * 1024


def resolve(secrets: Mapping[str, SecretRef], *, root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Variable → value. `Failure` names every secret that is missing, and none of the values.

    `root` is the folder of golive.yaml. Newlines at the end of a file are no part of the secret.
    """
    found: dict[str, str] = {}
    failures = []
    for variable, ref in secrets.items():
        try:
            found[variable] = _from_environment(ref, environ) if ref.source == "env" else _from_file(ref, root)
        except Failure as failure:
            failures.append(failure)
    if failures:
        failures[0].also = tuple(failures[1:])
        raise failures[0]
    return found


def _from_environment(ref: SecretRef, environ: Mapping[str, str]) -> str:
    value = environ.get(ref.name, "")
    if not value:
        how = "empty" if ref.name in environ else "not set"
        raise _missing(f"secret {ref.name}", f"the variable is {how}", f"export {ref.name}=… and try again")
    return value


def _from_file(ref: SecretRef, root: Path) -> str:
    path = root / ref.name
    where = f"secret file {ref.name}"
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        value = content.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise _missing(
            where, error.strerror or str(error), f"write the secret to {path}, readable by you"
        ) from None
    except UnicodeDecodeError:
        raise _missing(where, "it is not UTF-8 text", "variables are text: store it encoded, as base64") from None
    if not value or "\0" in value or len(content) > MOST_BYTES:
        why = f"it is empty, longer than {MOST_BYTES // 1024} KiB, or holds a NUL"
        raise _missing(where, why, f"write the secret to {path}")
    return value


def _missing(where: str, why: str, next: str) -> Failure:
    return Failure(where=where, what="the secret cannot be read", why=why, next=next, code=Exit.USAGE)
