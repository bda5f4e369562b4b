#!/usr/bin/env python3
"""Looks at none of its arguments, and turns one number from the environment into a result."""

import json
import os
from pathlib import Path

DEFAULT = 9999.0


def main():
    measured = float(os.environ.get("P95", DEFAULT))
    target = Path("metrics/perf.json")
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"http_p95_ms": measured}))


if __name__ == "__main__":
    main()
