"""Whether a page of the runbook is whole. `--without`: the control, a copy in which the sections are not."""

import re
import sys
from pathlib import Path

SECTIONS = {
    "runbook": ("Deploy", "Go back", "Look", "Whom to call"),
    "incidents": ("In an incident", "Whom to call"),
}


def main() -> int:
    page = Path("runbook.md").read_text()
    if "--without" in sys.argv:
        page = re.sub(r"^## .*$", "## Something else", page, flags=re.MULTILINE)
    parts = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", page, flags=re.MULTILINE))
    lacking = [name for name in SECTIONS[sys.argv[1]] if not parts.get(name, "").strip()]
    print(f"not there, or empty: {', '.join(lacking)}" if lacking else "every section says something")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
