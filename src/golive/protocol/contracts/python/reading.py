"""Which parsed values a program looks at afterwards, and which it only tells about.

Errs towards looked-at: when the parsed values are handed on whole, to code that is not in this file, everything
counts as looked at.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from golive.protocol.contracts.contract import is_promise
from golive.protocol.contracts.python.literals import dotted

ONLY_TELLING = ("print", "log", "logger", "logging", "click.echo", "typer.echo", "rich.print", "console.print")
PARTS_OF_TEXT = (ast.Call, ast.JoinedStr, ast.FormattedValue, ast.BinOp, ast.keyword, ast.Attribute)
PARSING = ("parse_args", "parse_known_args", "parse_intermixed_args")


@dataclass(kw_only=True)
class Looks:
    """What one program looks at. Attributes are read from anything: `args.env`."""

    attributes: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    told_attributes: set[str] = field(default_factory=set)  # in print, and in a log
    told_names: set[str] = field(default_factory=set)
    handed_on: bool = False  # the parsed values leave this file as a whole

    def reads(self, dest: str, flags: tuple[str, ...]) -> bool:
        """Whether something comes of a parsed value. For a promise, telling about it is nothing."""
        told = not is_promise(flags) and dest in self.told_attributes
        return self.handed_on or told or dest in self.attributes


def looks(tree: ast.AST) -> Looks:
    """Go once through the tree."""
    found = Looks()
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    parsed = _parsed_names(tree)
    given: dict[str, set[str]] = {}  # attributes that are given to a name, by name
    for node, parent, telling in _walk(tree):
        match node:
            case ast.Attribute(ctx=ast.Load()) if isinstance(parent, ast.Assign) and _one_name(parent):
                given.setdefault(_one_name(parent), set()).add(node.attr)
            case ast.Attribute(ctx=ast.Load()):
                (found.told_attributes if telling else found.attributes).add(node.attr)
            case ast.Name(ctx=ast.Load()):
                (found.told_names if telling else found.names).add(node.id)
                handed = node.id in parsed and not telling
                found.handed_on |= handed and _hands_on(parent, functions, parsed)
            case ast.Constant(value=str() as text) if _is_call(parent, {"getattr", "hasattr"}):
                found.attributes.add(text)
            case ast.Call(args=[]) if _is_call(node, {"vars", "locals"}):
                found.handed_on = True
            case ast.Call(args=[ast.Call()]) if _is_call(node, {"vars"}):
                found.handed_on = True
    for name, attributes in given.items():
        found.attributes |= attributes if name in found.names else set()
        found.told_attributes |= attributes if name in found.told_names else set()
    return found


def _walk(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | None, bool]]:
    """Every node with its parent, and whether it only becomes a part of what is told."""
    waiting: list[tuple[ast.AST, ast.AST | None, bool]] = [(tree, None, False)]
    while waiting:
        node, parent, telling = waiting.pop()
        yield node, parent, telling
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            within = telling and name.rpartition(".")[2] in {"str", "repr", "format", "join"}
            telling = within or name in ONLY_TELLING or name.partition(".")[0] in {"log", "logger", "logging"}
        telling = telling and isinstance(node, PARTS_OF_TEXT)
        waiting.extend((child, node, telling) for child in ast.iter_child_nodes(node))


def _is_call(node: ast.AST | None, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) in names


def _parsed_names(tree: ast.AST) -> set[str]:
    """Names that hold the parsed values: given by parse_args, or by a function of this file that returns them."""
    giving = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(inner, ast.Return) and _returns_parsed(inner) for inner in node.body[-3:])
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called = dotted(node.value.func).rpartition(".")[2]
            if called in PARSING or called in giving:
                names |= {t.id for target in node.targets for t in _targets(target)}
    return names


def _returns_parsed(node: ast.Return) -> bool:
    if isinstance(node.value, ast.Call):
        return dotted(node.value.func).rpartition(".")[2] in PARSING
    return isinstance(node.value, ast.Name) and node.value.id in {"args", "options", "opts", "arguments", "ns"}


def _targets(target: ast.expr) -> Iterator[ast.Name]:
    if isinstance(target, ast.Name):
        yield target
    elif isinstance(target, ast.Tuple):
        yield from (inner for inner in target.elts[:1] if isinstance(inner, ast.Name))


def _one_name(node: ast.Assign) -> str:
    target = node.targets[0] if len(node.targets) == 1 else None
    return target.id if isinstance(target, ast.Name) else ""


def _hands_on(parent: ast.AST | None, functions: set[str], parsed: set[str]) -> bool:
    """Whether a name that stands here whole goes where this file does not show what is looked at."""
    match parent:
        case ast.Attribute() | ast.Return() | ast.Expr():
            return False
        case ast.Call():
            first, _, last = dotted(parent.func).rpartition(".")
            return last not in functions and first not in parsed  # `args.run(args)` stays in this file
        case _:
            return True
