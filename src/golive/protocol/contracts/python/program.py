"""A Python program's text → its contract, by what it parses its arguments with."""

import ast
import warnings

from golive.protocol.contracts.contract import Contract, Note
from golive.protocol.contracts.python.argparsing import argparse_contract
from golive.protocol.contracts.python.commands import click_contract
from golive.protocol.contracts.python.plain import plain_contract
from golive.protocol.contracts.python.reading import looks

OTHERS = ("docopt", "optparse", "getopt", "fire", "absl", "cleo", "plac", "tyro", "cyclopts")


def python_contract(source: str) -> Contract:
    """Parsed into a tree, never run. A text that is no Python gives an unknown contract."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.removeprefix("\ufeff"))
        return _contract(tree)
    except (SyntaxError, ValueError) as error:
        line = error.lineno or 0 if isinstance(error, SyntaxError) else 0
        return Contract(notes=(Note(line=line, text="it is not Python that can be read"),))
    except (RecursionError, MemoryError):
        return Contract(notes=(Note(line=0, text="it is nested too deeply to be read"),))


def _contract(tree: ast.Module) -> Contract:
    used = _imported(tree)
    if used & {"click", "typer"}:
        return click_contract(tree)
    if "argparse" in used:
        return argparse_contract(tree, looks(tree))
    for name in OTHERS:
        if name in used:
            return Contract(notes=(Note(line=0, text=f"it reads its arguments with {name}"),))
    return plain_contract(tree)


def _imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
