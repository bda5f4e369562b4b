"""Serve this folder with the Datasette in `lib/` on 127.0.0.1:$PORT.

To be run with `python3 -S`, so that no package of the machine can stand in for one that the release lacks. With
arguments it is the `datasette` command.
"""

import os
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Hand over to Datasette."""
    sys.path.insert(0, str(HERE / "lib"))
    warnings.filterwarnings("ignore", "pkg_resources is deprecated")  # 0.64 says so at every start
    from datasette.cli import cli

    port = os.environ.get("PORT", "8001")
    cli(sys.argv[1:] or ["serve", str(HERE), "--host", "127.0.0.1", "--port", port], prog_name="datasette")


if __name__ == "__main__":
    main()
