"""Storefront: a small HTTP service on 127.0.0.1:$PORT. `faults` says what it can do wrong."""

import json
import os
import sys
import threading
import time
from pathlib import Path

from faults import Faults, faults
from server import serve
from shop import Shop

LEAK_INTERVAL_S = 0.1


def main() -> None:
    """Read the release, do wrong what it asks for, serve."""
    release = json.loads(Path(__file__).with_name("release.json").read_text())
    wrong = faults(release.get("faults", {}), os.environ)
    port = int(os.environ.get("PORT", "8000"))
    if wrong.crash_on_start:
        sys.exit("storefront: cannot start: STOREFRONT_CRASH_ON_START is set")
    time.sleep(wrong.slow_start_s)
    if wrong.leak_mb_per_s:
        threading.Thread(target=leak, args=(wrong,), daemon=True).start()
    print(f"storefront {release['version']}: http://127.0.0.1:{port}", flush=True)
    serve(Shop(version=release["version"], faults=wrong).respond, port)
    print("storefront: every request that had begun was answered", flush=True)


def leak(wrong: Faults) -> None:
    """Lose memory for ever."""
    lost = []
    while True:
        lost.append(b"x" * int(wrong.leak_mb_per_s * LEAK_INTERVAL_S * 1_000_000))
        time.sleep(LEAK_INTERVAL_S)


if __name__ == "__main__":
    main()
