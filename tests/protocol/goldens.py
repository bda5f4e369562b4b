"""Writes the golden beside each document again; read the difference before you keep it.

`python tests/protocol/goldens.py`
"""

import json
from dataclasses import asdict
from pathlib import Path

from golive.protocol.parse import parse

DOCUMENTS = Path(__file__).parent / "documents"


def golden(path: Path) -> str:
    """What was read, without the text itself and without what is empty."""
    document = asdict(parse(path.read_bytes(), path.name))
    del document["text"]
    return json.dumps(_short(document), indent=1, ensure_ascii=True, default=str) + "\n"


def _short(value: object) -> object:
    if isinstance(value, dict) and set(value) == {"line", "column"}:
        return f"{value['line']}:{value['column']}"
    if isinstance(value, dict):
        return {name: _short(inner) for name, inner in value.items() if inner not in ("", None, (), {})}
    return [_short(inner) for inner in value] if isinstance(value, list | tuple) else value


if __name__ == "__main__":
    for path in sorted(DOCUMENTS.glob("*.md")):
        path.with_suffix(".json").write_text(golden(path))
