"""Which dialect a document is written in, by what was found in it; a name for people, which decides nothing."""

import re

from golive.protocol.document import Document

SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("slash-commands", re.compile(r"^#{2,4} [^\n`]{0,40}`/\w", re.M)),
    ("generated-commands", re.compile(r"^#{1,4} Automation Hooks", re.M)),
    ("dev-workflow", re.compile(r"^\d+\. \*\*\[STRICT\]|^### STEP \d+\.\d+:|^WHILE unchecked", re.M)),
    ("workflow", re.compile(r"^# [^\n]{0,200}— [^\n]{0,200}Protocol\s*$", re.M)),
    ("runbook-table", re.compile(r"^\|[ \t]*(?:#|Step|No\.?|Item)[ \t]*\|", re.M | re.I)),
    ("unified", re.compile(r"^## (?:AI Role|Process|Next Phase)\b", re.M)),
    ("task-list", re.compile(r"^PHASE \d+:|^[ \t]*[-*] \[[ xX]\] \d+\.\d+ ", re.M)),
    ("named-fences", re.compile(r"^```\w+[ \t]*\{[^\n]{0,200}name|^```step name=|^```bash Step/", re.M)),
    ("mdx", re.compile(r"^<(?:Check|Command) ", re.M)),
)


def dialect(document: Document) -> str:
    """The name of the dialect; `prose` where nothing was recognised."""
    text = document.text.replace("\r\n", "\n")
    if any(directive.origin == "directive" for directive in document.directives):
        return "canonical"
    if document.gates:
        return "long"
    if document.front:
        return "front-matter"
    found = next((name for name, sign in SIGNS if sign.search(text)), "")
    return found or ("canonical" if document.steps else "prose")
