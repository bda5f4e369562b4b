"""Guessing who answers for a service, and what it is called."""

import re
from typing import Any

from golive.spec.draft.folder import Folder
from golive.spec.draft.manifests import items, mapping, package_json, pyproject, text
from golive.spec.texts import NAME

CODEOWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
EVERYTHING = re.compile(r"^\*\s+@?(\S+)", re.MULTILINE)
ADDRESS = re.compile(r"\s*[<(].*$")
GO_MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)
LONGEST_OWNER = 80


def service_name(folder: Folder) -> str:
    """A name for the service: that of its package, else of its folder."""
    module = GO_MODULE.search(folder.text("go.mod"))
    project, package = mapping(pyproject(folder), "project"), package_json(folder)
    called = (text(project, "name"), text(package, "name"), module[1] if module else "", folder.name)
    spelled = (_spelled(name.rpartition("/")[2]) for name in called)
    return next((name for name in spelled if NAME.fullmatch(name)), "service")


def owner(folder: Folder) -> str:
    """Who the folder's own files say it belongs to, or ""."""
    owners = EVERYTHING.search(folder.text(folder.first(*CODEOWNERS)))
    authors = [package_json(folder).get("author"), *items(mapping(pyproject(folder), "project"), "authors")]
    said = (owners[1] if owners else "", *(_without_address(author) for author in authors))
    return next((name for name in said if name.isprintable() and 0 < len(name) <= LONGEST_OWNER), "")


def _without_address(author: Any) -> str:
    name = author.get("name", "") if isinstance(author, dict) else author
    return ADDRESS.sub("", name).strip() if isinstance(name, str) else ""


def _spelled(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
