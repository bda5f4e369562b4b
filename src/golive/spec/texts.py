"""Names, paths, patterns, addresses: text with a grammar."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, get_args

from golive.spec.fault import Fault, nearest, shown, sort_of
from golive.spec.kind import Kind

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
LINE = re.compile(r"[^\r\n]{1,500}:[0-9a-f]{64}")
URL_PATH = re.compile(r"/[!-~]{0,1999}")


def text(most: int, *, lines: bool = False) -> Kind:
    """Text of 1 to `most` characters, on one line unless `lines`."""
    limits = f"1 to {most} characters" + ("" if lines else ", one line")

    def read(value: Any) -> str:
        written = text_of(value)
        if not written.strip():
            raise Fault(f"{shown(value)} says nothing", why=f"it takes {limits}")
        return _fits(written, most, lines, limits)

    schema = {"type": "string", "minLength": 1, "maxLength": most}
    return Kind(words="text", limits=limits, read=read, schema=schema)


def setting() -> Kind:
    """The value of an environment variable: any text, the empty one included. Never repeated in messages."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise Fault(
                f"the value is {sort_of(value)}, not text",
                why="variables are text, and what a program would see of anything else is a guess",
                next='put it in quotes, such as "8080" or "true"',
            )
        return value

    return Kind(words="text", limits="", read=read, schema={"type": "string"})


def header_value() -> Kind:
    """The value of an HTTP header."""

    def read(value: Any) -> str:
        written = text_of(value)
        if not written.isascii() or not written.isprintable():
            raise Fault(f"{shown(value)} cannot stand in a header", why="headers are printable ASCII on one line")
        return written

    return Kind(words="text", limits="printable ASCII, one line", read=read, schema={"type": "string"})


def name() -> Kind:
    """The name of a service or an environment."""
    why = "1 to 40 of a-z, 0-9 and -, not beginning with -"
    return _grammar("a name", NAME, why, _as_name)


def variable() -> Kind:
    """The name of a variable, in an environment or in a smoke test."""
    why = "letters, digits and _, not beginning with a digit"
    return _grammar("a variable's name", VARIABLE, why, _as_variable)


def header_name() -> Kind:
    """The name of an HTTP header (RFC 9110, section 5.1); kept in lower case, as names are compared."""
    why = "letters, digits and a few signs such as -"
    kind = _grammar("a header's name", HEADER, why, lambda value: "x-request-id")
    return Kind(
        words=kind.words, limits=kind.limits, read=lambda value: kind.read(value).lower(), schema=kind.schema
    )


def url_path() -> Kind:
    """The path of an HTTP request, query included."""
    why = "/ first, then ASCII without spaces, without the host"
    return _grammar("a path", URL_PATH, why, lambda value: "/health")


def address() -> Kind:
    """The IP address that a front door listens on."""

    def read(value: Any) -> str:
        try:
            return str(ip_address(text_of(value)))
        except ValueError:
            why = "a name can resolve to several addresses, a front door has one"
            raise Fault(
                f"{shown(value)} is not an IP address",
                why=why,
                next="write 127.0.0.1 for this machine only, 0.0.0.0 for every network",
            ) from None

    return Kind(words="an IP address", limits="IPv4 or IPv6", read=read, schema={"type": "string"})


def pattern() -> Kind:
    """A glob pattern over the files of the service's folder."""

    def read(value: Any) -> str:
        written = _fits(text_of(value), 500, False, "1 to 500 characters, one line")
        if not written or written.startswith(("/", "~")) or "\\" in written or ".." in written.split("/"):
            raise Fault(
                f"{shown(value)} leaves the folder",
                why="patterns are relative to the folder of golive.yaml, with / between folders and no ..",
                next='write for instance "**", "src/**" or "*.py"',
            )
        return written

    limits = "inside the folder of golive.yaml"
    schema = {
        "type": "string",
        "minLength": 1,
        "maxLength": 500,
        "pattern": r"^(?![/~])(?!.*(^|/)\.\.(/|$))[^\\]+$",
    }
    return Kind(words="a pattern", limits=limits, read=read, schema=schema)


def file_path() -> Kind:
    """The path of a file, absolute or relative to the folder of golive.yaml."""
    return text(500)


def line_of_file() -> Kind:
    """One line of one file, by the SHA-256 of its bytes: it holds only as long as the line stays what it is."""
    why = "PATH:SHA-256, in lower-case hex"
    return _grammar("a line of a file", LINE, why, lambda value: "settings.ini:" + "0123456789abcdef" * 4)


def choice(options: Any) -> Kind:
    """One of the words of a `Literal`."""
    words: tuple[str, ...] = get_args(options)

    def read(value: Any) -> str:
        if value not in words:
            what = f"{shown(value)} is not known here"
            near = nearest(str(value), words)
            raise Fault(what, why="it takes " + ", ".join(words), next=f"did you mean `{near}`?" if near else "")
        return str(value)

    return Kind(words="one of " + ", ".join(words), limits="", read=read, schema={"enum": list(words)})


def yes_no() -> Kind:
    """true or false, as YAML 1.2 writes them."""

    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            why = "YAML 1.2 knows true and false only; yes, no, on and off are text"
            raise Fault(
                f"{shown(value)} is {sort_of(value)}, not true or false", why=why, next="write true or false"
            )
        return value

    return Kind(words="true or false", limits="", read=read, schema={"type": "boolean"})


def text_of(value: object) -> str:
    """The value, when it is text."""
    if isinstance(value, str):
        return value
    quoted = shown(value) if isinstance(value, bool | int | float) else ""
    raise Fault(
        f"{shown(value)} is {sort_of(value)}, not text",
        next=f'write "{quoted}" in quotes' if quoted else "write text here",
    )


def _grammar(words: str, form: re.Pattern[str], why: str, such_as: Callable[[str], str]) -> Kind:
    def read(value: Any) -> str:
        written = text_of(value)
        if not form.fullmatch(written):
            next_step = f"write for instance {such_as(written)}"
            raise Fault(f"{shown(value)} is not {words}", why=f"it takes {why}", next=next_step)
        return written

    return Kind(words=words, limits=why, read=read, schema={"type": "string", "pattern": f"^{form.pattern}$"})


def _fits(written: str, most: int, lines: bool, limits: str) -> str:
    if len(written) > most:
        raise Fault(f"{shown(written)} is {len(written)} characters long", why=f"it takes {limits}")
    if not lines and ("\n" in written or "\r" in written):
        raise Fault(f"{shown(written)} has several lines", why=f"it takes {limits}")
    return written


def _as_name(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:40] or "storefront"


def _as_variable(value: str) -> str:
    spelled = re.sub(r"[^A-Za-z0-9_]", "_", value).upper()[:60] or "NAME"
    return f"_{spelled}" if spelled[0].isdigit() else spelled
