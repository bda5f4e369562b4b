"""A program that uses click or typer → its contract, from the decorators of its functions."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from golive.protocol.contracts.contract import Contract, Note, Option, dry_run_of, is_promise
from golive.protocol.contracts.python.literals import dotted, texts, value
from golive.protocol.contracts.python.parsers import Function
from golive.protocol.contracts.python.reading import looks
from golive.protocol.contracts.python.typed import typed

PASSING = (
    "pass_context",
    "pass_obj",
    "wraps",
    "version_option",
    "help_option",
    "callback",
    "cache",
    "staticmethod",
)
HELP = Option(names=("--help",), least=0, most=0)


@dataclass(kw_only=True)
class Command:
    """One command or group."""

    name: str
    function: str
    parent: str  # the name of the group's function; "" for one that stands alone
    group: bool
    contract: Contract
    subs: list["Command"] = field(default_factory=list)


def click_contract(tree: ast.Module) -> Contract:
    """The contract of the one command or group that stands above all others."""
    names = _constants(tree)
    commands = [found for node in ast.walk(tree) if isinstance(node, Function) for found in _command(node, names)]
    by_function = {command.function: command for command in commands}
    for parent, child in _added(tree):
        if parent in by_function and child in by_function:
            by_function[child].parent = parent
    apps = {command.parent for command in commands if command.parent and command.parent not in by_function}
    for command in commands:
        if command.parent in by_function and command.parent != command.function:
            by_function[command.parent].subs.append(command)
    tops = [command for command in commands if not command.parent]
    if len(apps) == 1 and not tops:
        return _app([command for command in commands if command.parent in apps])
    if len(tops) == 1 and not apps:
        return _assembled(tops[0], depth=0)
    what = "it has no command that could be followed" if not commands else "it has several commands"
    return Contract(language="python-click", notes=(Note(line=0, text=what),))


def _app(commands: list[Command]) -> Contract:
    """typer: one command alone is the program, several are subcommands."""
    if len(commands) == 1:
        return _assembled(commands[0], depth=0)
    subs = {command.name: _assembled(command, depth=1) for command in commands}
    return _with_subs(Contract(language="python-click", known=True, options=(HELP,)), subs)


def _assembled(command: Command, depth: int) -> Contract:
    if not command.group or depth > 8:
        return command.contract
    return _with_subs(command.contract, {sub.name: _assembled(sub, depth + 1) for sub in command.subs})


def _with_subs(contract: Contract, subs: dict[str, Contract]) -> Contract:
    notes = (*contract.notes, *(note for sub in subs.values() for note in sub.notes))
    return replace(contract, subcommands=subs, needs_subcommand=bool(subs), known=not notes, notes=notes)


def _constants(tree: ast.Module) -> dict[str, object]:
    names: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id] = value(node.value, names)
    return names


def _added(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """`cli.add_command(deploy)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_command":
            yield dotted(node.func.value), dotted(node.args[0]) if node.args else ""


def _command(node: Function, names: dict[str, object]) -> Iterator[Command]:
    """The command that a function's decorators make of it, if any."""
    calls = [(dotted(one.func if isinstance(one, ast.Call) else one), one) for one in node.decorator_list]
    making = next((pair for pair in calls if pair[0].rpartition(".")[2] in {"command", "group"}), None)
    if making is None:
        return
    made_by, call = making
    owner = made_by.rpartition(".")[0]
    given = value(call.args[0], names) if isinstance(call, ast.Call) and call.args else None
    own = node.name.lower().replace("_", "-")
    typer = owner not in {"", "click"} and not any(name.startswith("click.") for name, _ in calls)
    contract, filled = _decorated(node, calls, names)
    if typer and not contract.options and contract.positionals == (0, 0) and contract.known:
        contract, filled = typed(node, names)
    if isinstance(call, ast.Call) and any(word.arg in {"cls", "context_settings", None} for word in call.keywords):
        contract = _doubted(contract, call.lineno, "its command is made in a way of its own")
    yield Command(
        name=given if isinstance(given, str) else own.removesuffix("-command"),
        function=node.name,
        parent="" if owner in {"", "click"} else owner,
        group=made_by.endswith("group"),
        contract=_looked_at(contract, filled, node),
    )


def _decorated(
    node: Function, calls: list[tuple[str, ast.expr]], names: dict[str, object]
) -> tuple[Contract, dict[str, str]]:
    """The contract, and the parameter that each flag fills where it is named."""
    contract = Contract(language="python-click", known=True)
    filled: dict[str, str] = {}
    least, most = 0, 0
    for name, call in calls:
        kind = name.rpartition(".")[2]
        if kind == "option" and isinstance(call, ast.Call):
            option = click_option(call, names)
            if option is None:
                contract = _doubted(contract, call.lineno, "an option is added that does not stand written")
            else:
                contract = replace(contract, options=(*contract.options, option))
                filled |= dict.fromkeys(option.names, _named(call))
        elif kind == "argument" and isinstance(call, ast.Call):
            counts, choices = _argument(call, names)
            fixed = counts == (1, 1) and least == most
            if fixed:  # behind a varying number of words nobody can tell which is which
                contract = replace(contract, positional_choices=(*contract.positional_choices, choices))
            least, most = least + counts[0], -1 if most < 0 or counts[1] is None else most + counts[1]
        elif kind in {"confirmation_option", "password_option"}:
            flag = "--yes" if kind.startswith("confirm") else "--password"
            contract = replace(contract, options=(*contract.options, Option(names=(flag,), least=0, most=0)))
        elif kind not in {"command", "group", *PASSING}:
            contract = _doubted(contract, node.lineno, f"`@{name}` may add arguments")
    contract = replace(contract, positionals=(least, None if most < 0 else most))
    return contract, {flag: name for flag, name in filled.items() if name}


def click_option(call: ast.Call, names: dict[str, object]) -> Option | None:
    """`@click.option("--env", …)`; None when its names are not written out."""
    words = texts(tuple(value(arg, names) for arg in call.args))
    given = {word.arg: word.value for word in call.keywords if word.arg}
    if not words or any(word.arg is None for word in call.keywords) or "cls" in given:
        return None
    flags = [part.strip() for word in words for part in word.split("/") if part.strip().startswith("-")]
    if not flags:
        return None
    paired = any("/" in word for word in words)
    switch = paired or any(value(given.get(key), names) is True for key in ("is_flag", "count"))
    switch = (
        switch or ("flag_value" in given and "is_flag" not in given) or dotted(given.get("type", call)) == "bool"
    )
    if not switch and isinstance(value(given.get("default"), names), bool) and "type" not in given:
        switch = True
    number = value(given.get("nargs"), names)
    count = 0 if switch else number if isinstance(number, int) and "nargs" in given else 1
    has_default = "default" in given and value(given["default"], names) is not None
    return Option(
        names=tuple(flags),
        least=count,
        most=count,
        choices=_choices(given.get("type"), names),
        required=value(given.get("required"), names) is True and not has_default,
        default=_text(value(given.get("default"), names)),
        line=call.lineno,
    )


def _argument(call: ast.Call, names: dict[str, object]) -> tuple[tuple[int, int | None], tuple[str, ...]]:
    given = {word.arg: word.value for word in call.keywords if word.arg}
    number = value(given["nargs"], names) if "nargs" in given else 1
    needed = value(given.get("required"), names) is not False and "default" not in given
    choices = _choices(given.get("type"), names)
    if not isinstance(number, int) or number < 0:
        return (1 if value(given.get("required"), names) is True else 0, None), choices
    return (number if needed else 0, number), choices


def _choices(kind: ast.expr | None, names: dict[str, object]) -> tuple[str, ...]:
    if not isinstance(kind, ast.Call) or not dotted(kind.func).endswith("Choice") or not kind.args:
        return ()
    if any(word.arg == "case_sensitive" for word in kind.keywords):
        return ()
    return texts(value(kind.args[0], names)) or ()


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def _doubted(contract: Contract, line: int, text: str) -> Contract:
    return replace(contract, known=False, notes=(*contract.notes, Note(line=line, text=text)))


def _named(call: ast.Call) -> str:
    """The parameter that an option names for itself: `@click.option("--env", "environment")`."""
    words = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    return next((word for word in words if word.isidentifier()), "")


def _looked_at(contract: Contract, filled: dict[str, str], node: Function) -> Contract:
    """Which parameters the function's own body looks at."""
    found = looks(ast.Module(body=node.body, type_ignores=[]))
    used = found.names
    every = node.args.kwarg is not None or "locals" in used

    def is_read(option: Option) -> bool:
        names = {filled.get(name) or name.lstrip("-").replace("-", "_").lower() for name in option.names}
        return every or bool(names & used) or (not is_promise(option.names) and bool(names & found.told_names))

    options = tuple(replace(one, read=is_read(one)) for one in contract.options)
    return replace(contract, options=(HELP, *options), dry_run=dry_run_of(options))
