"""Single directives: the script, the words, and what the script's contract says to them."""

import re
from collections.abc import Iterator

from golive.protocol.contracts.check import check
from golive.protocol.document import Directive, Document, Finding, Place
from golive.protocol.invocation import Invocation, invocations
from golive.protocol.rules import finding
from golive.protocol.world import Script, World
from golive.spec.fault import nearest, printable

LITERAL = re.compile(r"""'[^']*'|"[^"$`\\]*"|<[A-Za-z][^<>]{0,100}>|\{[A-Za-z_][\w ]{0,60}\}""")
SHELL = re.compile(r"""[;|&<>()`*?\n]|\$[A-Za-z_({]|\[[^\]]{0,60}\]|\{[^{}]{0,60},[^{}]{0,60}\}|(?<!\S)~""")
BINARY = ("\x7fELF", "\ufffdELF")


def lines(document: Document, world: World, *, skip_missing: bool) -> Iterator[Finding]:
    texts = document.text.split("\n")
    for one in invocations(document):
        yield from _words(one.directive, texts)
        for hole in one.directive.placeholders:
            yield finding("placeholder-open", hole.at, f"`{printable(hole.text)}` is not filled in")
        yield from _script(one, world, skip_missing)


def _words(directive: Directive, texts: list[str]) -> Iterator[Finding]:
    """Words that only a shell understands; what is quoted, and placeholders, are left out."""
    bare = LITERAL.sub(lambda found: " " * len(found.group()), directive.text)
    found = SHELL.search(bare)
    if found:
        line = texts[directive.at.line - 1] if 0 < directive.at.line <= len(texts) else ""
        start = max(0, line.find(directive.text, directive.at.column - 1))
        at = Place(line=directive.at.line, column=start + found.start() + 1) if start or line else directive.at
        yield finding("shell-words", at, f"`{printable(found.group())}` is for a shell")


def _script(one: Invocation, world: World, skip_missing: bool) -> Iterator[Finding]:
    if not one.script or one.is_program:
        name = one.script or one.interpreter
        yield finding(
            "contract-unknown", one.at, f"`{printable(name)}` is a program, and no script of this repository"
        )
        return
    script = world.scripts.get(one.script)
    path = printable(one.script)
    if any(hole.text in one.script for hole in one.directive.placeholders):
        return
    match script.state if script else "unreadable":
        case "missing":
            near = nearest(one.script, (path for path, other in world.scripts.items() if other.state == "file"))
            yield finding(
                "script-missing",
                one.at,
                f"{path} does not exist",
                next=f"add it, or did you mean `{near}`?" if near else "",
                severity="warning" if skip_missing else None,
            )
        case "outside":
            yield finding(
                "script-outside", one.at, f"{path} {(script and script.why) or 'leads out of the repository'}"
            )
        case "file" if script:
            yield from _runnable(one, script)
            yield from check(script.contract, one.words, script=path, at=one.at, places=one.places)
        case _:
            why = script.why if script and script.why else "nobody looked at it"
            yield finding("script-unreadable", one.at, f"{path} cannot be read: {why}")


def _runnable(one: Invocation, script: Script) -> Iterator[Finding]:
    """An interpreter that the line names needs neither the mode nor a first line."""
    if one.interpreter:
        return
    if not script.executable:
        yield finding("script-not-executable", one.at, f"{printable(script.path)} may not be executed")
    if not script.first_line.startswith(("#!", *BINARY)):
        yield finding("script-without-interpreter", one.at, f"{printable(script.path)} does not begin with `#!`")
