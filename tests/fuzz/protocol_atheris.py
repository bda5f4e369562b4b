"""Coverage-guided bytes for the parser: `python tests/fuzz/protocol_atheris.py [-max_total_time=60]`.

Leaves with 0 and the reason where atheris is not installed. A crash leaves its input beside it.
"""

import sys

try:
    import atheris
except ImportError:
    print("skipped: atheris is not installed (pip install atheris)")
    sys.exit(0)

with atheris.instrument_imports(include=["golive.protocol"]):
    from golive.protocol.parse import parse
    from golive.protocol.reading import RULES


def one(source: bytes) -> None:
    """Any bytes are a document, which keeps them, and whose findings have known rules."""
    document = parse(source)
    assert document.text.encode("utf-8", "surrogateescape") == source
    assert all(finding.rule in RULES for finding in document.findings)
    rows = source.splitlines() or [b""]
    assert all(1 <= directive.at.line <= len(rows) for directive in document.directives)


def main() -> None:
    atheris.Setup(sys.argv if len(sys.argv) > 1 else [*sys.argv, "-max_total_time=60"], one)
    atheris.Fuzz()


main()
