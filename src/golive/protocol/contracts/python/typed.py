"""A typer command: its parameters, by their annotations and defaults → a contract."""

import ast
from collections.abc import Iterator

from golive.protocol.contracts.contract import Contract, Note, Option
from golive.protocol.contracts.python.literals import UNKNOWN, dotted, texts, value

GIVEN_BY_TYPER = ("Context", "CallbackParam")


def typed(
    node: ast.FunctionDef | ast.AsyncFunctionDef, names: dict[str, object]
) -> tuple[Contract, dict[str, str]]:
    """The contract, and the parameter that each flag fills."""
    options: list[Option] = []
    filled: dict[str, str] = {}
    least, most = 0, 0
    notes: list[Note] = []
    for one, default in _parameters(node):
        if one.annotation is not None and dotted(one.annotation).endswith(GIVEN_BY_TYPER):
            continue
        kind, call = _kind(one, default)
        if call is not None and any(word.arg is None for word in call.keywords):
            notes.append(Note(line=one.lineno, text=f"`{one.arg}` is made in a way of its own"))
        elif kind == "Argument" or (not kind and default is None):
            least, most = least + (_own_default(call, default, kind) is None), most + 1
        else:
            option = _option(one, default, call, kind, names)
            options.append(option)
            filled |= dict.fromkeys(option.names, one.arg)
    contract = Contract(
        language="python-click",
        known=not notes,
        options=tuple(options),
        positionals=(least, None if _takes_lists(node) else most),
        notes=tuple(notes),
    )
    return contract, filled


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    plain = [*node.args.posonlyargs, *node.args.args]
    missing: list[ast.expr | None] = [None] * (len(plain) - len(node.args.defaults))
    yield from zip(plain, [*missing, *node.args.defaults], strict=True)
    yield from zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)


def _kind(one: ast.arg, default: ast.expr | None) -> tuple[str, ast.Call | None]:
    """`Option` or `Argument` with its call; "" when only the annotation and the default speak."""
    metadata = one.annotation.slice if isinstance(one.annotation, ast.Subscript) else None
    inside = metadata.elts if isinstance(metadata, ast.Tuple) else []
    for call in (default, *inside):
        if isinstance(call, ast.Call) and dotted(call.func).rpartition(".")[2] in {"Option", "Argument"}:
            return dotted(call.func).rpartition(".")[2], call
    return "", None


def _own_default(call: ast.Call | None, default: ast.expr | None, kind: str) -> ast.expr | None:
    """The default value, wherever it is written; None when a value is required."""
    found = default if default is not call else (call.args[0] if call and call.args else None)
    if found is None and call is not None:
        found = next((word.value for word in call.keywords if word.arg == "default"), None)
    if isinstance(found, ast.Constant) and (
        found.value is ... or (kind and found.value is None and found is not default)
    ):
        return None if found.value is ... else found
    return found


def _option(
    one: ast.arg, default: ast.expr | None, call: ast.Call | None, kind: str, names: dict[str, object]
) -> Option:
    written = (
        texts(tuple(value(arg, names) for arg in call.args if isinstance(arg, ast.Constant | ast.Name)))
        if call
        else ()
    )
    flags = [part.strip() for word in written or () for part in word.split("/") if part.strip().startswith("-")]
    found = _own_default(call, default, kind)
    fallback = value(found, names)
    switch = _is_bool(one.annotation) or isinstance(fallback, bool)
    if not flags:
        long = one.arg.replace("_", "-")
        flags = [f"--{long}", f"--no-{long}"] if switch else [f"--{long}"]
    return Option(
        names=tuple(flags),
        least=0 if switch else 1,
        most=0 if switch else 1,
        required=found is None and not switch,
        default=fallback if isinstance(fallback, str) and fallback is not UNKNOWN else "",
        line=one.lineno,
    )


def _is_bool(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and node.slice.elts:
        node = node.slice.elts[0]
    return isinstance(node, ast.Name) and node.id == "bool"


def _takes_lists(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a parameter without a flag takes any number of words."""
    return any(
        isinstance(inner, ast.Name) and inner.id in {"list", "List", "tuple", "Tuple"}
        for one, _ in _parameters(node)
        if one.annotation is not None
        for inner in ast.walk(one.annotation)
    )
