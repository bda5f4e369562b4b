"""Reading what other tools' files say. Whatever has the wrong shape reads as absent."""

import json
import tomllib
from typing import Any

from golive.spec.draft.folder import Folder
from golive.spec.tree import plain
from golive.spec.yaml12 import Unreadable, read_all

Part = dict[str, Any]


def pyproject(folder: Folder) -> Part:
    """The content of pyproject.toml."""
    try:
        return tomllib.loads(folder.text("pyproject.toml"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def package_json(folder: Folder) -> Part:
    """The content of package.json."""
    try:
        return as_mapping(json.loads(folder.text("package.json")))
    except (ValueError, RecursionError):
        return {}


def documents(folder: Folder, path: str) -> list[Part]:
    """The documents of a YAML file; none when it holds what our reader refuses, such as anchors."""
    try:
        return [as_mapping(plain(root, null=None)) for root in read_all(folder.text(path).encode())]
    except (Unreadable, UnicodeEncodeError):
        return []


def as_mapping(part: Any) -> Part:
    """The part, when it is a mapping; else an empty one."""
    return part if isinstance(part, dict) else {}


def mapping(part: Part, key: str) -> Part:
    """The mapping under the key."""
    return as_mapping(part.get(key))


def items(part: Part, key: str) -> list[Any]:
    """The list under the key."""
    found = part.get(key)
    return found if isinstance(found, list) else []


def text(part: Part, key: str) -> str:
    """The text under the key."""
    found = part.get(key)
    return found if isinstance(found, str) else ""
