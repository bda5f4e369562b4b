"""Front matter: the YAML mapping between two lines of dashes at the top, and nothing else.

A file that begins with a rule, a bold title and a rule is prose. Aliases are refused and the size is bounded: both
are ways to make a small file costly.
"""

from typing import Any

import yaml

from golive.protocol.document import Finding, Place

LIMIT_CHARACTERS = 8_192
LIMIT_LINES = 200


class _Bounded(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def front_matter(rows: list[str], front: dict[str, object], findings: list[Finding]) -> int:
    """Fill `front` where there is a mapping; the index of the first row that is text."""
    if not rows or rows[0].rstrip() != "---":
        return 0
    end = next((n for n in range(1, min(len(rows), LIMIT_LINES)) if rows[n].rstrip() in ("---", "...")), 0)
    text = "\n".join(rows[1:end])
    if not end or len(text) > LIMIT_CHARACTERS:
        return 0
    try:
        read = yaml.load(text, _Bounded)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError, TypeError):
        if ":" in rows[1]:
            what = "this is not front matter: it cannot be read as YAML"
            findings.append(Finding(rule="front-matter", severity="warning", at=Place(line=1), what=what))
        return 0
    if not isinstance(read, dict):
        return 0
    front.update({str(key): value for key, value in read.items()})
    return end + 1
