"""What reading a document can find, by rule, and the findings about the whole of it.

The names are stable: reports and baselines keep them.
"""

import re

from golive.protocol.document import Finding, Place
from golive.protocol.lines import ENDS

RULES = {
    "byte-order-mark": "the file begins with a byte-order mark",
    "control-character": "a command holds a control character, such as an ANSI escape",
    "empty-directive": "a directive names no command",
    "front-matter": "what stands between dashes at the top looks like YAML and is none",
    "hidden-character": "a command holds a character that cannot be seen, or that turns the text around",
    "indented-directive": "a directive does not begin in the first column and is not read",
    "malformed-directive": "a line begins like a directive and is none",
    "null-byte": "the file holds NUL",
    "shell-word": "a command holds a word that only a shell understands",
    "too-many-findings": "there are more findings than are told",
    "unclosed-comment": "an HTML comment is not closed",
    "unclosed-fence": "a fence is not closed",
    "unclosed-quote": "a quote in a command is not closed",
    "undecodable": "the file is not UTF-8",
}
MOST_FINDINGS = 500


def about_bytes(text: str) -> list[Finding]:
    """One finding for each kind of fault of the bytes, at its first place."""
    found = []
    for rule, pattern in (("undecodable", "[\ud800-\udfff]"), ("null-byte", "\x00")):
        if match := re.search(pattern, text):
            before = ENDS.split(text[: match.start()])
            place = Place(line=len(before), column=len(before[-1]) + 1)
            found.append(Finding(rule=rule, severity="error", at=place, what=RULES[rule]))
    return found


def told(findings: list[Finding]) -> tuple[Finding, ...]:
    """In the order of the file, errors never dropped before notes; a flood is cut and says so."""
    if len(findings) > MOST_FINDINGS:
        rank = {"error": 0, "warning": 1, "note": 2}
        kept = sorted(findings, key=lambda finding: (rank[finding.severity], finding.at))[:MOST_FINDINGS]
        what = f"{len(findings) - MOST_FINDINGS} more findings are not told"
        findings = [*kept, Finding(rule="too-many-findings", severity="error", at=kept[-1].at, what=what)]
    return tuple(sorted(findings, key=lambda finding: finding.at))
