"""Where a secret is; part of `spec.values`, which most rooms import it from."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class SecretRef:
    """Where a secret is read from when it is needed; the value is never kept in a spec or record."""

    source: Literal["env", "file"]
    name: str  # the variable's name, or the file's path relative to golive.yaml
