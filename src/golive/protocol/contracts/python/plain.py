"""A program without a parser of arguments: it reads sys.argv itself, or looks at no argument at all."""

import ast

from golive.protocol.contracts.contract import Contract, Note
from golive.protocol.contracts.python.literals import dotted

# Of the standard library, what neither reads a command line nor runs other code of this process.
_QUIET = """
    __future__ abc base64 collections contextlib csv dataclasses datetime decimal enum fnmatch fractions functools
    glob gzip hashlib heapq hmac html http httpx io itertools json logging math operator os pathlib pprint queue
    random re requests secrets shlex shutil signal socket sqlite3 ssl stat statistics string subprocess sys
    tempfile textwrap threading time timeit traceback types typing urllib uuid warnings xml yaml zipfile zoneinfo
"""
QUIET = frozenset(_QUIET.split())
INDIRECT = ("exec", "eval", "__import__", "compile")


def plain_contract(tree: ast.Module) -> Contract:
    """What can be said of it; mostly that it is unknown, or that it looks at nothing."""
    reading = [node for node in ast.walk(tree) if _is_argv(node)]
    if reading:
        return _reading(tree, reading[0])
    doubt = next((note for node in ast.walk(tree) if (note := _doubt(node))), None)
    if doubt:
        return Contract(language="python-plain", notes=(doubt,))
    return Contract(language="python-plain", known=True, ignores=True)


def _is_argv(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in {"argv", "orig_argv"}
    return isinstance(node, ast.Name) and node.id == "argv" and isinstance(node.ctx, ast.Load)


def _reading(tree: ast.Module, first: ast.AST) -> Contract:
    """It reads its words itself. By position only, when no flag stands written anywhere in it."""
    line = getattr(first, "lineno", 0)
    flags = sorted({text for node in ast.walk(tree) if (text := _flag(node))})
    if flags:
        note = Note(line=line, text=f"it reads sys.argv itself, and names {', '.join(flags[:6])}")
        return Contract(language="python-plain", notes=(note,))
    indexes = {
        index: node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and (index := _index(node))
    }
    if not indexes:
        note = Note(line=line, text="it reads sys.argv itself")
        return Contract(language="python-plain", notes=(note,))
    note = Note(line=indexes[min(indexes)], text=f"it reads sys.argv[{min(indexes)}] by position, and no flags")
    return Contract(language="python-plain", leading=max(indexes), notes=(note,))


def _flag(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("-"):
        return node.value if node.value.strip("-") and len(node.value) < 40 and " " not in node.value else ""
    return ""


def _index(node: ast.Subscript) -> int:
    """3 of `sys.argv[3]`."""
    match node:
        case ast.Subscript(value=inner, slice=ast.Constant(value=int() as index)) if _is_argv(inner):
            return index if 0 < index < 100 else 0
        case _:
            return 0


def _doubt(node: ast.AST) -> Note | None:
    """What may look at the arguments out of sight."""
    match node:
        case ast.Import():
            strange = [alias.name for alias in node.names if alias.name.partition(".")[0] not in QUIET]
        case ast.ImportFrom():
            module = (node.module or ".").partition(".")[0]
            strange = [] if module in QUIET and not node.level else [node.module or "."]
        case ast.Call(func=func) if dotted(func) in INDIRECT:
            strange = [dotted(func)]
        case _:
            return None
    if not strange:
        return None
    return Note(line=getattr(node, "lineno", 0), text=f"it uses `{strange[0]}`, which may read the arguments")
