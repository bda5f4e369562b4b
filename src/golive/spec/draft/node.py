"""Recognising Node services from package.json."""

import re

from golive.spec.draft.folder import Folder
from golive.spec.draft.found import Found, left_open
from golive.spec.draft.manifests import Part, mapping, package_json, text
from golive.spec.draft.routes import health_path

SIMPLE = re.compile(r"^[\w@./:=-]+( [\w@./:=$-]+)*$")
ENTRIES = (
    "server.js",
    "app.js",
    "index.js",
    "main.js",
    "server.mjs",
    "index.mjs",
    "src/server.js",
    "src/index.js",
)
QUIET = ("--no-audit", "--no-fund")
LOCKED = {
    "package-lock.json": ("npm", "ci"),
    "npm-shrinkwrap.json": ("npm", "ci"),
    "yarn.lock": ("yarn", "install", "--frozen-lockfile"),
    "pnpm-lock.yaml": ("pnpm", "install", "--frozen-lockfile"),
}


def node(folder: Folder) -> Found | None:
    """A Node service, or None."""
    if "package.json" not in folder.paths:
        return None
    package = package_json(folder)
    run, because = _run(folder, package)
    return Found(
        what="a Node application",
        because=f"package.json: {because}",
        build=_build(folder, package),
        run=run,
        env={"NODE_ENV": "production"},
        exclude=("node_modules/**",) if _installs(package) else (),
        health=health_path(folder, ".js", ".mjs", ".cjs", ".ts"),
        notes=("the application must listen on PORT, and end on SIGTERM",),
    )


def _run(folder: Folder, package: Part) -> tuple[tuple[str, ...], str]:
    start = text(mapping(package, "scripts"), "start")
    if start:
        return _started(start), f"scripts.start is {start}"
    entry = folder.first(text(package, "main"), *ENTRIES)
    if entry:
        return ("node", entry), f"{entry} is its entry"
    wanted = list(mapping(package, "dependencies"))
    if len(wanted) == 1:
        name = wanted[0].rpartition("/")[2]
        hint = f"how {name} is given its port, for instance --port $PORT"
        return (f"node_modules/.bin/{name}", left_open(hint)), f"its only dependency is {wanted[0]}"
    return (left_open("the command that serves, for instance node server.js"),), "no start script and no entry"


def _started(start: str) -> tuple[str, ...]:
    """The script without npm and a shell around it, which would keep signals away; npm when it needs them."""
    words = start.split(" ")
    if not SIMPLE.match(start) or "=" in words[0]:
        return ("npm", "start", "--silent")
    return tuple(words) if words[0] in ("node", "npm", "npx") else (f"node_modules/.bin/{words[0]}", *words[1:])


def _build(folder: Folder, package: Part) -> tuple[str, ...]:
    if not _installs(package):
        return ()
    lock = folder.first(*LOCKED)
    install = LOCKED.get(lock, ("npm", "install"))
    quiet = QUIET if install[0] == "npm" else ()
    if "build" in mapping(package, "scripts"):
        return ("sh", "-c", f"{' '.join((*install, *quiet))} && {install[0]} run build")
    production = {"npm": "--omit=dev", "yarn": "--production", "pnpm": "--prod"}[install[0]]
    return (*install, production, *quiet)


def _installs(package: Part) -> bool:
    return bool(mapping(package, "dependencies") or mapping(package, "devDependencies"))
