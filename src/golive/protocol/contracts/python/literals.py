"""Values that stand written in a program: texts, numbers, tuples of them, and names given to them once."""

import ast
from collections.abc import Mapping

MOST_ITEMS = 200
UNKNOWN = object()  # not written out: known only when the program runs


def value(node: ast.expr | None, names: Mapping[str, object]) -> object:
    """The value of an expression, or `UNKNOWN`."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names.get(node.id, UNKNOWN)
        case ast.Tuple() | ast.List() | ast.Set():
            return _items(node.elts, names)
        case ast.Dict():
            return _items([key for key in node.keys if key is not None], names)
        case ast.JoinedStr():
            return _text(node, names)
        case ast.BinOp(op=ast.Add()):
            return _sum(value(node.left, names), value(node.right, names))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
        case ast.Call(func=ast.Name(id="sorted" | "list" | "tuple" | "set" | "frozenset"), args=[inner]):
            return value(inner, names)
        case ast.Call(func=ast.Attribute(value=inner, attr="keys"), args=[]):
            return value(inner, names)
        case _:
            return UNKNOWN


def _items(nodes: list[ast.expr], names: Mapping[str, object]) -> object:
    found = tuple(value(node, names) for node in nodes[:MOST_ITEMS])
    return UNKNOWN if len(nodes) > MOST_ITEMS else found


def _text(node: ast.JoinedStr, names: Mapping[str, object]) -> object:
    parts: list[str] = []
    for part in node.values:
        found = value(part.value if isinstance(part, ast.FormattedValue) else part, names)
        if not isinstance(found, str):
            return UNKNOWN
        parts.append(found)
    return "".join(parts)


def _sum(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, tuple) and isinstance(right, tuple):
        return left + right
    return UNKNOWN


def texts(found: object) -> tuple[str, ...] | None:
    """A collection of texts and numbers as texts; None when it is not written out."""
    if not isinstance(found, tuple) or UNKNOWN in found:
        return None
    return tuple(str(item) for item in found)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of names; "" for anything else. Long chains are cut."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 5:
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((node.id, *reversed(parts)))
