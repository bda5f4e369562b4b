"""What a caller found around a document: its scripts, and the files that it refers to. Facts, no judgement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from golive.protocol.contracts.contract import Contract

State = Literal[
    "file",
    "missing",
    "outside",  # the path, or a link on it, leads out of the repository
    "unreadable",  # a folder, a device, too large, or no permission
    "program",  # a bare name, such as `make`: found by PATH, nobody looked at it
]


@dataclass(frozen=True, kw_only=True)
class Script:
    """One script as it is on disk. `why` says more of a state that is no file."""

    path: str
    state: State
    why: str = ""
    executable: bool = False
    first_line: str = ""  # at most 200 characters
    contract: Contract = field(default_factory=Contract)


@dataclass(frozen=True, kw_only=True)
class World:
    """By path as the document writes it, without a leading `./`."""

    scripts: Mapping[str, Script] = field(default_factory=dict)
    exists: Mapping[str, bool] = field(default_factory=dict)  # files that the document refers to
