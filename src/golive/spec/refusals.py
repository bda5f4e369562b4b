"""What the YAML reader refuses, in the operator's words."""

from typing import Any

from golive.spec.fault import Fault, sort_of
from golive.spec.tree import Mark

QUOTE = "if it is text, put it in quotes"


def is_odd(character: str) -> bool:
    """Control characters, halves of surrogate pairs, and line breaks that YAML versions disagree on."""
    code = ord(character)
    return (
        (code < 0x20 and character not in "\t\n\r")
        or 0x7F <= code <= 0x9F
        or character in "\u2028\u2029\ufeff\ufffe\uffff"
        or 0xD800 <= code <= 0xDFFF
    )


def odd_character(character: str) -> Fault:
    return Fault(
        f"the character U+{ord(character):04X} is not allowed",
        why="it is invisible; only tab and line breaks may stand in the file, raw or escaped",
        next="remove it",
    )


def not_utf8(byte: int) -> Fault:
    return Fault(f"byte 0x{byte:02x} is not UTF-8", why="the file is read as UTF-8", next="save it as UTF-8")


def too_large(most: int) -> Fault:
    return Fault(
        f"larger than {most} bytes",
        why="a specification is at most 1 MiB",
        next="check that this is the right file",
    )


def too_many(most: int) -> Fault:
    return Fault(
        f"more than {most} values",
        why="the limit keeps every check fast",
        next="check that this is the right file",
    )


def too_deep(most: int) -> Fault:
    return Fault(
        f"nested more than {most} levels deep",
        why="no key of a specification needs that",
        next="check for a bracket too many",
    )


def nothing() -> Fault:
    return Fault("the file is empty", next="`golive init` writes a first one")


def no_mapping(value: object) -> Fault:
    return Fault(
        f"the file holds {sort_of(value)}, not a mapping",
        why="it begins with keys such as `service: storefront`",
        next="`golive init` writes a first one; `golive spec explain service` explains a key",
    )


def second_document() -> Fault:
    return Fault(
        "a second document begins",
        why="a specification is one document",
        next="remove the line `---`, or give each service a file of its own",
    )


def directive() -> Fault:
    return Fault(
        "a directive (`%`) is not allowed",
        why="the file is read as YAML 1.2",
        next="remove the line that begins with `%`",
    )


def alias() -> Fault:
    return Fault(
        "an alias (`*`) is not allowed",
        why="it hides where a value comes from",
        next=f"write the value out; {QUOTE}",
    )


def anchor() -> Fault:
    return Fault("an anchor (`&`) is not allowed", why="aliases are not read", next=f"remove it; {QUOTE}")


def tag() -> Fault:
    return Fault(
        "a tag (`!`) is not allowed", why="the type of a value follows from its key", next=f"remove it; {QUOTE}"
    )


def merge_key() -> Fault:
    return Fault(
        "a merge key (`<<`) is not allowed", why="it hides where a value comes from", next="write the values out"
    )


def twice(first: Mark) -> Fault:
    return Fault(
        "the key is given twice",
        why=f"the first is at line {first.line}; which one counts would be a guess",
        next="remove one of them",
    )


def no_text_key(found: str) -> Fault:
    return Fault(f"the key is {found}", why="keys are text", next="put it in quotes")


def syntax(error: Any) -> Fault:
    """What the YAML parser says: its words are precise, and hold nothing of the file but one character."""
    problem = str(error.problem or "not YAML")
    began = error.context_mark
    why = f"{error.context} that begins at line {began.line + 1}, column {began.column + 1}" if began else ""
    if "cannot start any token" in problem:
        return Fault(
            problem, why=why, next="indent with spaces, not tabs; text that begins with @, ` or % needs quotes"
        )
    if "mapping values" in problem:
        return Fault(
            problem,
            why="`: ` begins a value",
            next="put text that holds `: ` in quotes, and check the indentation",
        )
    return Fault(problem, why=why, next="check quotes, brackets and indentation around this place")
