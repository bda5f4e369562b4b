"""Renews docs/demo.svg: runs the demo and draws what it printed. `make picture`."""

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parent / "demo.svg"
WIDTH = 132


def main() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "golive", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text("$ make demo", style="bold"))
    here = str(Path(__file__).parents[1]) + "/"
    for line in run.stdout.replace(here, "").splitlines():
        console.print(Text(line if len(line) <= WIDTH else line[: WIDTH - 1] + "…", style=style(line)))
    picture = console.export_svg(title="golive demo")
    PICTURE.write_text(re.sub(r"@font-face \{.*?\n    \}\n", "", picture, flags=re.DOTALL))  # no font from afar


def style(line: str) -> str:
    """Green for what was proven, red for what was refuted, bold for where the story stands."""
    if "✗" in line or "↩" in line or "rolled back" in line:
        return "red"
    if "✓" in line:
        return "green"
    return "bold" if "release " in line or "way back" in line or "requests served" in line else ""


if __name__ == "__main__":
    main()
