"""Start commands that other files state, made fit: on this instance's port, loopback only, without a shell."""

import re
from collections.abc import Sequence

from golive.spec.commands import command
from golive.spec.fault import Fault, Faults

EVERYWHERE = re.compile(r"^(?:0\.0\.0\.0|\[?::\]?|\*)$")
ADDRESS = re.compile(r"^((?:[\w.-]+|\[?::\]?|\*)?):(\d{2,5}|\$\{?PORT\}?)$")
PORT_OPTION = re.compile(r"^(--?(?:[\w-]*port|p))(=(\d{2,5}))?$")
NUMBER = re.compile(r"^\d{2,5}$")
OF_THE_SHELL = re.compile(r"\$\{PORT:?-\d+\}")

AS_MODULE = {  # console scripts whose module can be run; a script's first line holds a path that moves
    "daphne": "daphne",
    "flask": "flask",
    "gunicorn": "gunicorn",
    "hypercorn": "hypercorn",
    "uvicorn": "uvicorn",
    "waitress-serve": "waitress",
}
BINDING = {  # how a server is told where to listen, when its command does not say
    "gunicorn": ("--bind", "127.0.0.1:$PORT"),
    "uvicorn": ("--host", "127.0.0.1", "--port", "$PORT"),
    "hypercorn": ("--bind", "127.0.0.1:$PORT"),
    "daphne": ("--bind", "127.0.0.1", "--port", "$PORT"),
    "waitress": ("--listen", "127.0.0.1:$PORT"),
    "flask": ("--host", "127.0.0.1", "--port", "$PORT"),
}


def serving(line: str | Sequence[str]) -> tuple[str, ...]:
    """The command in golive's form; a line that needs a shell is given to one by name."""
    if isinstance(line, str):
        line = OF_THE_SHELL.sub("$PORT", line.strip()).removeprefix("exec ")
        try:
            arguments = command(port=True).read(line)
        except (Fault, Faults):
            return ("sh", "-c", line)
    else:
        arguments = tuple(line)
    return _bound(_as_module(arguments)) if arguments else ()


def listens(arguments: Sequence[str]) -> bool:
    """Whether the command says which port to listen on."""
    return any("$PORT" in argument or "${PORT}" in argument for argument in arguments)


def _as_module(arguments: tuple[str, ...]) -> tuple[str, ...]:
    program, rest = arguments[0], arguments[1:]
    if program in AS_MODULE:
        return ("python3", "-m", AS_MODULE[program], *rest)
    return ("python3", *rest) if program == "python" else arguments


def _bound(arguments: tuple[str, ...]) -> tuple[str, ...]:
    fitted = tuple(
        _fitted(argument, before) for before, argument in zip(("", *arguments), arguments, strict=False)
    )
    server = fitted[2] if fitted[:2] == ("python3", "-m") and len(fitted) > 2 else ""
    return fitted if listens(fitted) or server not in BINDING else fitted + BINDING[server]


def _fitted(argument: str, before: str) -> str:
    if address := ADDRESS.match(argument):
        host = address[1] if address[1] and not EVERYWHERE.match(address[1]) else "127.0.0.1"
        return f"{host}:$PORT" if before.startswith("-") else argument
    if "=" in argument and argument.startswith("-"):
        name, value = argument.split("=", 1)
        return f"{name}={_fitted(value, name)}"
    if PORT_OPTION.match(before) and NUMBER.match(argument):
        return "$PORT"
    return "127.0.0.1" if before.startswith("-") and EVERYWHERE.match(argument) else argument
