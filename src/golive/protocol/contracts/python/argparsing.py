"""A program that uses argparse → its contract."""

import ast
from dataclasses import replace
from itertools import takewhile

from golive.protocol.contracts.contract import Contract, Note, Option, dry_run_of
from golive.protocol.contracts.python.arguments import Positional
from golive.protocol.contracts.python.parsers import Function, Parser, Walk
from golive.protocol.contracts.python.reading import Looks


def argparse_contract(tree: ast.Module, looks: Looks) -> Contract:
    """The contract of the one parser that the program parses its command line with."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, Function)}
    walk = Walk(functions=functions)
    walk.run(tree.body)
    for name, function in functions.items():
        if name not in walk.entered:  # called from elsewhere, or by a decorator
            walk.run(function.body)
    best: dict[int, Parser] = {}  # a function that is called twice makes its parser twice
    for root in sorted(walk.roots, key=lambda root: (root.parsed, len(root.arguments))):
        best[root.line] = root
    found = [root for root in best.values() if root.parsed] or list(best.values())
    if len(found) != 1:
        what = "it makes no parser that could be followed" if not found else "it makes several parsers"
        return Contract(language="python-argparse", notes=(Note(line=0, text=what),))
    return _contract(found[0], looks, root=True)


def _contract(parser: Parser, looks: Looks, *, root: bool) -> Contract:
    options = tuple(
        replace(one.option, read=not one.dest or looks.reads(one.dest, one.option.names))
        for one in parser.arguments
        if one.option
    )
    places = [one.positional for one in parser.arguments if one.positional]
    subs = {name: _contract(sub, looks, root=False) for name, sub in parser.subs.items()}
    doubts = [*parser.doubts, *(note for sub in subs.values() for note in sub.notes)]
    if root and not parser.parsed and not doubts:
        doubts = [Note(line=parser.line, text="the parser is made, and the file does not show that it parses")]
    most = None if any(place.most is None for place in places) else sum(place.most or 0 for place in places)
    return Contract(
        language="python-argparse",
        known=not doubts,
        options=(Option(names=("-h", "--help"), least=0, most=0), *options),
        positionals=(sum(place.least for place in places), most),
        positional_choices=tuple(place.choices for place in takewhile(_is_one, places)),
        subcommands=subs,
        needs_subcommand=parser.needs_sub and bool(subs),
        refuses=parser.refuses,
        abbreviates=parser.abbreviates,
        ignores=root and parser.given_nothing,
        dry_run=dry_run_of(options),
        notes=tuple(doubts),
    )


def _is_one(place: Positional) -> bool:
    """Behind a varying number of words nobody can tell which is which."""
    return place.least == place.most == 1
