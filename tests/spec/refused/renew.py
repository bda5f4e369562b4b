"""Write the goldens anew: `python tests/spec/refused/renew.py`, then read the difference."""

from pathlib import Path

from golive.errors import Failure
from golive.spec.parse import parse

FOLDER = Path(__file__).parent


def told(case: Path) -> str:
    """What an operator reads of the file's faults."""
    try:
        parse(case.read_bytes(), name="golive.yaml")
    except Failure as failure:
        return "\n".join(failure.lines()) + "\n"
    return "accepted\n"


if __name__ == "__main__":
    for case in sorted(FOLDER.glob("*.yaml")):
        case.with_suffix(".txt").write_text(told(case), encoding="utf-8")
