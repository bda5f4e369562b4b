"""Recognising what needs no framework: Go modules, programs, static sites."""

import re

from golive.spec.draft.folder import Folder
from golive.spec.draft.found import Found, left_open
from golive.spec.draft.routes import health_path

MAIN = re.compile(r"^package main\b", re.MULTILINE)
GO_READS_PORT = re.compile(r"Getenv\(\"PORT\"\)|LookupEnv\(\"PORT\"\)")


def go(folder: Folder) -> Found | None:
    """A Go module with a main package, or None."""
    if "go.mod" not in folder.paths:
        return None
    mains = [path.rpartition("/")[0] for path, text in folder.sources(".go") if MAIN.search(text)]
    package = f"./{mains[0]}" if mains and mains[0] else "."
    reads = any(GO_READS_PORT.search(text) for _, text in folder.sources(".go"))
    flag = (
        ()
        if reads
        else (left_open("the program does not read PORT; give it the port, such as -addr 127.0.0.1:$PORT"),)
    )
    return Found(
        what="a Go module",
        because=f"go.mod, main package {package}",
        build=("go", "build", "-trimpath", "-o", "service", package),
        run=("./service", *flag),
        health=health_path(folder, ".go"),
    )


def program(folder: Folder) -> Found | None:
    """The only program of the folder, or None."""
    if len(folder.programs) != 1:
        return None
    (name,) = folder.programs
    hint = left_open(f"how {name} is given its port, for instance --port $PORT")
    return Found(what="a program", because=f"{name} may be executed", run=(f"./{name}", hint))


def static(folder: Folder) -> Found | None:
    """A folder of pages, or None."""
    root = next((root for root in (".", "public", "site", "dist") if _page(root) in folder.paths), "")
    if not root:
        return None
    return Found(
        what="a static site",
        because=_page(root),
        run=("python3", "-m", "http.server", "$PORT", "--bind", "127.0.0.1", "--directory", root),
        health="/",
        notes=("Python's own server is for small sites; another server fits as well",),
    )


def _page(root: str) -> str:
    return "index.html" if root == "." else f"{root}/index.html"
