"""One evaluation of a rule in a process of its own: it may take long, grow or die, and the gate goes on.

Reads `{"expression", "evidence"}` as JSON from stdin, and writes `{"value"}` or `{"error"}` to stdout. A value
that JSON does not have is written as its text. Started by `cel`.
"""

import json
import sys
from contextlib import suppress

from cel import evaluate

MOST_BYTES = 2**30  # of address space; a rule over all claims needs a fraction of it
SHOWN = 200  # characters of an error or a value


def main() -> None:
    asked = json.load(sys.stdin)
    _hold_to(MOST_BYTES)
    try:
        found = evaluate(asked["expression"], asked["evidence"])
        answer = {"value": found if isinstance(found, bool | int) else str(found)[:SHOWN]}
    except Exception as error:  # whatever the evaluator met is about the expression
        answer = {"error": f"{type(error).__name__}: {error}"[:SHOWN]}
    json.dump(answer, sys.stdout)


def _hold_to(most_bytes: int) -> None:
    """Where the system can; the time limit holds everywhere."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


if __name__ == "__main__":
    main()
