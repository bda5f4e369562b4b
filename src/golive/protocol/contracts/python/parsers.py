"""Following a program through the making of its argparse parsers, without running it.

Statements are taken in their order; both arms of an `if` count; loops over what stands written are unrolled; calls
of functions of the same file are followed with their arguments. Whatever else touches a parser makes it unknown.
"""

import ast
from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, field

from golive.protocol.contracts.contract import Note
from golive.protocol.contracts.python.arguments import Argument, argument
from golive.protocol.contracts.python.literals import UNKNOWN, dotted, value
from golive.protocol.contracts.python.reading import PARSING

MOST_STATEMENTS = 20_000  # followed in one program, loops and calls counted again
COMPLETING = ("argcomplete.autocomplete", "autocomplete")
DEEPEST = 12  # calls inside calls
HARMLESS = ("print_help", "print_usage", "error", "exit", "format_help", "format_usage", "set_defaults", *PARSING)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(kw_only=True, eq=False)
class Parser:
    """One parser as far as it was followed."""

    line: int
    arguments: list[Argument] = field(default_factory=list)
    subs: dict[str, "Parser"] = field(default_factory=dict)
    needs_sub: bool = False
    abbreviates: bool = True
    parsed: bool = False
    refuses: bool = True
    given_nothing: bool = False  # parse_args([]): the command line is not looked at
    doubts: list[Note] = field(default_factory=list)


@dataclass(kw_only=True, eq=False)
class Subparsers:
    of: Parser


@dataclass(kw_only=True)
class Walk:
    """The state of one program on the way."""

    functions: dict[str, Function]
    roots: list[Parser] = field(default_factory=list)
    names: ChainMap[str, object] = field(default_factory=ChainMap)
    left: int = MOST_STATEMENTS
    depth: int = 0
    entered: set[str] = field(default_factory=set)

    def run(self, body: Sequence[ast.stmt]) -> object:
        """Follow statements; gives what they return."""
        returned: object = UNKNOWN
        for statement in body:
            self.left -= 1
            if self.left < 0:
                return self._give_up()
            found = self._statement(statement)
            returned = found if found is not UNKNOWN else returned
        return returned

    def _give_up(self) -> object:
        for root in self.roots:
            root.doubts = [Note(line=root.line, text="the program is too long to follow")]
        return UNKNOWN

    def _statement(self, node: ast.stmt) -> object:
        match node:
            case ast.Assign():
                self._assign(node.targets, self.evaluate(node.value))
            case ast.AnnAssign(value=ast.expr() as given):
                self._assign([node.target], self.evaluate(given))
            case ast.Expr():
                self.evaluate(node.value)
            case ast.Return(value=ast.expr() as given):
                return self.evaluate(given)
            case ast.If():
                self.evaluate(node.test)
                return self._first(self.run(node.body), self.run(node.orelse))
            case ast.For():
                return self._loop(node)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.evaluate(item.context_expr)
                return self.run(node.body)
            case ast.Try():
                handlers = [statement for handler in node.handlers for statement in handler.body]
                return self.run([*node.body, *handlers, *node.orelse, *node.finalbody])
            case ast.While():
                return self.run(node.body)
        return UNKNOWN

    def _first(self, one: object, other: object) -> object:
        return other if one is UNKNOWN else one

    def _assign(self, targets: Sequence[ast.expr], found: object) -> None:
        for target in targets:
            name = dotted(target)
            if name:
                self.names[name] = found
            elif isinstance(target, ast.Tuple) and isinstance(found, tuple) and len(found) == len(target.elts):
                for inner, one in zip(target.elts, found, strict=True):
                    self._assign([inner], one)

    def _loop(self, node: ast.For) -> object:
        items = value(node.iter, self.names)
        returned: object = UNKNOWN
        for item in items if isinstance(items, tuple) else (UNKNOWN,):
            self._assign([node.target], item)
            if isinstance(node.target, ast.Tuple) and not isinstance(item, tuple):
                for inner in node.target.elts:
                    self._assign([inner], UNKNOWN)
            returned = self._first(self.run(node.body), returned)
        return returned

    def evaluate(self, node: ast.expr) -> object:
        """A parser, a value that stands written, or `UNKNOWN`."""
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Call):
                self.evaluate(node.value)  # parser.parse_args().env
            return self.names.get(dotted(node), UNKNOWN)
        if isinstance(node, ast.BoolOp | ast.IfExp | ast.NamedExpr | ast.Await | ast.Compare):
            for inner in ast.iter_child_nodes(node):
                if isinstance(inner, ast.expr):
                    self.evaluate(inner)
            return UNKNOWN
        return value(node, self.names)

    def _call(self, node: ast.Call) -> object:
        given = [self.evaluate(inner) for inner in node.args]
        named = {word.arg or "**": self.evaluate(word.value) for word in node.keywords}
        name = dotted(node.func)
        if name.rpartition(".")[2] == "ArgumentParser" and not isinstance(self.names.get(name), Parser):
            return self._parser(node)
        if isinstance(node.func, ast.Attribute):
            made = self.evaluate(node.func.value)
            if isinstance(made, Parser):
                return self._of_parser(made, node.func.attr, node)
            if isinstance(made, Subparsers):
                return self._subparser(made, node) if node.func.attr == "add_parser" else UNKNOWN
        function = self.functions.get(name.rpartition(".")[2])
        if function and name.rpartition(".")[0] in {"", "self", "cls"}:
            return self._follow(function, given, named, method="." in name)
        self._escaped(node, [*given, *named.values()])
        return UNKNOWN

    def _parser(self, node: ast.Call) -> Parser:
        given = {word.arg: word.value for word in node.keywords}
        made = Parser(line=node.lineno, abbreviates=value(given.get("allow_abbrev"), self.names) is not False)
        parents = given.get("parents")
        for parent in parents.elts if isinstance(parents, ast.List | ast.Tuple) else ():
            found = self.evaluate(parent)
            if isinstance(found, Parser):
                made.arguments += found.arguments
                made.doubts += found.doubts
            else:
                made.doubts.append(Note(line=node.lineno, text="it takes over arguments from elsewhere"))
        if parents is not None and not isinstance(parents, ast.List | ast.Tuple):
            made.doubts.append(Note(line=node.lineno, text="it takes over arguments from elsewhere"))
        if {None, "fromfile_prefix_chars", "prefix_chars", "argument_default"} & given.keys() - {
            "argument_default"
        }:
            made.doubts.append(Note(line=node.lineno, text="it reads its arguments in a way of its own"))
        self.roots.append(made)
        return made

    def _of_parser(self, made: Parser, name: str, node: ast.Call) -> object:
        if name == "add_argument":
            found = argument(node, self.names)
            if found is None:
                made.doubts.append(Note(line=node.lineno, text="an argument is added that does not stand written"))
            else:
                made.arguments.append(found)
        elif name in {"add_argument_group", "add_mutually_exclusive_group"}:
            return made
        elif name == "add_subparsers":
            given = {word.arg: value(word.value, self.names) for word in node.keywords}
            made.needs_sub = given.get("required") is True
            return Subparsers(of=made)
        elif name in PARSING:
            self._parse(made, name, node)
        elif name not in HARMLESS:
            made.doubts.append(Note(line=node.lineno, text=f"it is changed by `{name}`"))
        return UNKNOWN

    def _parse(self, made: Parser, name: str, node: ast.Call) -> None:
        made.parsed = True
        made.refuses = made.refuses and name != "parse_known_args"
        given = node.args[0] if node.args else next((w.value for w in node.keywords if w.arg == "args"), None)
        if isinstance(given, ast.List | ast.Tuple):
            made.given_nothing = not given.elts
            if given.elts:
                made.doubts.append(Note(line=node.lineno, text="it parses words of its own"))
        elif isinstance(given, ast.Subscript) and "argv[1:]" not in ast.unparse(given):
            made.doubts.append(Note(line=node.lineno, text="it parses a part of the command line"))

    def _subparser(self, subs: Subparsers, node: ast.Call) -> object:
        made = self._parser(node)
        self.roots.remove(made)
        name = value(node.args[0], self.names) if node.args else UNKNOWN
        given = {word.arg: value(word.value, self.names) for word in node.keywords}
        aliases = given.get("aliases", ())
        if not isinstance(name, str) or not isinstance(aliases, tuple):
            subs.of.doubts.append(Note(line=node.lineno, text="a subcommand is added that does not stand written"))
            return made
        for one in (name, *map(str, aliases)):
            subs.of.subs[one] = made
        return made

    def _follow(
        self, function: Function, given: Sequence[object], named: dict[str, object], *, method: bool
    ) -> object:
        """A call of a function of this file: its body, with the arguments under the names of its parameters."""
        if self.depth >= DEEPEST:
            return UNKNOWN
        self.entered.add(function.name)
        parameters = [one.arg for one in function.args.args]
        if parameters[:1] in (["self"], ["cls"]) and method:
            parameters = parameters[1:]
        values = {**dict(zip(parameters, given, strict=False)), **named}
        outer, self.names = self.names, self.names.new_child(values)
        self.depth += 1
        returned = self.run(function.body)
        self.depth -= 1
        kept = {name: one for name, one in self.names.maps[0].items() if name.startswith(("self.", "cls."))}
        self.names = outer
        self.names.update(kept)
        return returned

    def _escaped(self, node: ast.Call, given: Sequence[object]) -> None:
        """A parser that is handed to code of another file may get arguments there."""
        for found in given if dotted(node.func) not in COMPLETING else ():
            if isinstance(found, Parser | Subparsers):
                made = found if isinstance(found, Parser) else found.of
                made.doubts.append(Note(line=node.lineno, text=f"it is handed to `{dotted(node.func)}`"))
