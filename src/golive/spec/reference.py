"""The page docs/reference/golive-yaml.md, made from the keys themselves: `golive spec explain > PAGE`."""

from collections.abc import Iterator
from itertools import groupby

from golive.spec.keys import Key, keys

HEAD = """\
# golive.yaml

The file that says what a service is, how it is checked, and how it goes live in each environment.
This page is generated (`golive spec explain`); the same text for one key: `golive spec explain KEY`.
`golive spec schema` prints a JSON Schema for editors.

The file is YAML 1.2, UTF-8, at most 1 MiB, one document. `no`, `on` and `22:22` are text. Anchors, aliases, tags,
merge keys and duplicate keys are refused. Commands are argument lists or lines that are split into one; no shell
ever reads them. Durations are whole numbers with `h`, `m`, `s` or `ms`, such as `1h30m` or `500ms`.

In the names of keys, `*` stands for a name that you choose and `[]` for each item of a list.
"""


def page() -> str:
    """The whole page as Markdown, one section for each key at the top of the file."""
    sections = groupby(keys().values(), key=lambda key: key.path[0])
    return "\n".join([HEAD, *(_section(name, list(rows)) for name, rows in sections)])


def _section(name: str, rows: list[Key]) -> str:
    return "\n".join([f"## {name}", "", *(line for key in rows for line in _entry(key))])


def _entry(key: Key) -> Iterator[str]:
    if len(key.path) > 1:
        yield f"### `{key.name}`"
        yield ""
    yield key.meaning
    yield ""
    yield f"- takes: {key.takes}" + (f" ({key.limits})" if key.limits else "")
    if key.required:
        yield "- must be given"
    elif key.default:
        yield f"- default: `{key.default}`"
    yield f"- example: `{key.example}`"
    yield ""
