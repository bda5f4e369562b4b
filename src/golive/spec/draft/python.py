"""Recognising Python services: which framework, where its application is, how it is built without a venv."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from golive.spec.draft.folder import Folder
from golive.spec.draft.found import Found, left_open
from golive.spec.draft.manifests import items, mapping, pyproject
from golive.spec.draft.routes import health_path

PIP = ("python3", "-m", "pip", "install", "--quiet", "--no-compile", "--target")

ASGI = ("FastAPI", "Starlette", "Quart", "Litestar", "Sanic")
MADE = re.compile(
    r"^(\w+)\s*(?::[^=\n]{1,80})?=\s*(?:\w+\.)?(FastAPI|Starlette|Quart|Litestar|Sanic|Flask|Bottle)\(",
    re.MULTILINE,
)
FACTORY = re.compile(r"^def ((?:create|make|build|get)_app\w*)\(", re.MULTILINE)
FRAMEWORK = re.compile(r"\b(FastAPI|Starlette|Quart|Litestar|Sanic|Flask|Bottle)\(")
INTERFACE = re.compile(r"^(application|app)\b[^=\n]{0,80}=", re.MULTILINE)
SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE[\"'],\s*[\"']([\w.]+)[\"']")
SERVES = re.compile(r"\b(?:serve_forever|HTTPServer|socketserver|web\.run_app|uvicorn\.run|app\.run)\b")
READS_PORT = re.compile(r"[\"']PORT[\"']")
SCRIPTS = ("app.py", "main.py", "server.py", "run.py", "serve.py", "__main__.py")
REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Start:
    """How an application is started, and which server has to be installed for it."""

    what: str
    because: str
    run: tuple[str, ...]
    server: str = ""
    notes: tuple[str, ...] = ()


def python(folder: Folder) -> Found | None:
    """A Python service, or None. Its packages go to `lib`: unlike a venv that folder can be moved."""
    source, wanted = _requirements(folder)
    start = next(_starts(folder), None)
    if not source and not start:
        return None
    start = start or _unknown(folder, source, wanted)
    missing = [start.server] if start.server and start.server not in wanted else []
    lib = "lib" if not any(path.startswith("lib/") for path in folder.paths) else "python-packages"
    build = _build(folder, source, missing, (*PIP, lib))
    notes = (
        [f"{start.server} is not among your requirements; better to pin it there"] if missing and source else []
    )
    return Found(
        what=start.what,
        because=start.because,
        build=build,
        run=start.run,
        env={"PYTHONPATH": ":".join([*([lib] if build else []), _own_code(folder)])},
        health=health_path(folder, ".py"),
        notes=(*start.notes, *notes),
    )


def _requirements(folder: Folder) -> tuple[str, frozenset[str]]:
    """The file that says what to install, and the names in it; both empty when there is none."""
    source = folder.first("requirements.txt", "pyproject.toml", "setup.py")
    text = folder.text(source)
    if source == "pyproject.toml":
        text = "\n".join(_dependencies(folder)) or text
    return source, frozenset(name.lower() for name in REQUIREMENT.findall(text))


def _build(folder: Folder, source: str, missing: list[str], pip: tuple[str, ...]) -> tuple[str, ...]:
    if source == "requirements.txt":
        return (*pip, "-r", source, *missing)
    if source == "pyproject.toml" and "build-system" not in pyproject(folder):
        wanted = [*_dependencies(folder), *missing]
        return (*pip, *wanted) if wanted else ()
    if source:
        return (*pip, ".", *missing)
    return (*pip, *missing) if missing else ()


def _own_code(folder: Folder) -> str:
    return "src" if any(path.startswith("src/") and path.endswith(".py") for path in folder.paths) else "."


def _starts(folder: Folder) -> Iterator[Start]:
    """Ways to start what is there, the surest first."""
    yield from _django(folder)
    yield from _made(folder)
    yield from _interfaces(folder)
    yield from _factories(folder)
    yield from _scripts(folder)
    yield from _console(folder)


def _django(folder: Folder) -> Iterator[Start]:
    settings = SETTINGS.search(folder.text("manage.py"))
    if settings:
        package = settings[1].split(".")[0]
        yield Start(
            what="a Django project",
            because=f"manage.py: {settings[1]}",
            run=("python3", "-m", "gunicorn", f"{package}.wsgi", "--bind", "127.0.0.1:$PORT"),
            server="gunicorn",
            notes=(
                *_database(folder),
                "ALLOWED_HOSTS must hold 127.0.0.1: health checks ask there",
                "static files: add `python3 manage.py collectstatic` to build, or serve them elsewhere",
                "migrations: run them in a hook (golive spec explain environments.production.hooks.before)",
            ),
        )


def _database(folder: Folder) -> Iterator[str]:
    if any("django.db.backends.sqlite3" in text for _, text in folder.sources(".py")):
        yield "its SQLite file lies in the project: take its place from a variable, or each revision begins empty"


def _made(folder: Folder) -> Iterator[Start]:
    for path, text in folder.sources(".py"):
        for made in MADE.finditer(text):
            yield _served(made[2], f"{_module(path)}:{made[1]}", f"{path}: {made[1]} = {made[2]}(…)")


def _factories(folder: Folder) -> Iterator[Start]:
    for path, text in folder.sources(".py"):
        made, framework = FACTORY.search(text), FRAMEWORK.search(text)
        if made and framework:
            yield _served(framework[1], f"{_module(path)}:{made[1]}", f"{path}: def {made[1]}(…)", factory=True)


def _interfaces(folder: Folder) -> Iterator[Start]:
    for path, text in folder.sources("wsgi.py", "asgi.py"):
        found = INTERFACE.search(text)
        if found:
            framework = "FastAPI" if path.endswith("asgi.py") else "Flask"
            start = _served(framework, f"{_module(path)}:{found[1]}", f"{path}: {found[1]}")
            yield Start(
                what=f"a {path[-7:-3].upper()} application",
                because=start.because,
                run=start.run,
                server=start.server,
            )


def _served(framework: str, place: str, because: str, *, factory: bool = False) -> Start:
    what = f"a {framework} application"
    if framework in ASGI:
        extra = ("--factory",) if factory else ()
        run = ("python3", "-m", "uvicorn", *extra, place, "--host", "127.0.0.1", "--port", "$PORT")
        return Start(what=what, because=because, run=run, server="uvicorn")
    place = f"{place}()" if factory else place
    run = ("python3", "-m", "gunicorn", place, "--bind", "127.0.0.1:$PORT")
    return Start(what=what, because=because, run=run, server="gunicorn")


def _scripts(folder: Folder) -> Iterator[Start]:
    for path in SCRIPTS:
        text = folder.text(path)
        if not SERVES.search(text):
            continue
        run: tuple[str, ...] = ("python3", path)
        if not READS_PORT.search(text):
            run = (*run, left_open(f"{path} does not read PORT; give it the port, for instance --port $PORT"))
        yield Start(what="a Python script that serves", because=path, run=run)


def _console(folder: Folder) -> Iterator[Start]:
    for name in list(mapping(mapping(pyproject(folder), "project"), "scripts"))[:1]:
        yield Start(
            what="a Python package with a command",
            because=f"pyproject.toml: project.scripts.{name}",
            run=(
                "python3",
                f"lib/bin/{name}",
                left_open(f"how {name} is given its port, for instance --port $PORT"),
            ),
        )


def _unknown(folder: Folder, source: str, wanted: frozenset[str]) -> Start:
    only = next(iter(wanted)) if len(wanted) == 1 else "your_package"
    hint = f"the command that serves, for instance python3 -m {only} --port $PORT"
    return Start(what="a Python project", because=source, run=(left_open(hint),))


def _module(path: str) -> str:
    return path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _dependencies(folder: Folder) -> list[str]:
    found = items(mapping(pyproject(folder), "project"), "dependencies")
    return [one for one in found if isinstance(one, str)]
