"""What the benchmarks share: a storefront in a temporary folder, the command, and the closing line."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]


def quick() -> bool:
    """Whether `--quick` was asked for: the same measurement, fewer rounds, under 45 s."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true", help="the default")
    return bool(parser.parse_args().quick)


def close(promise: str, value: float, unit: str, bar: float, holds: bool) -> None:
    """Print the closing line and leave: 0 when the promise holds, else 1."""
    print(json.dumps({"promise": promise, "value": value, "unit": unit, "bar": bar, "holds": holds}))
    sys.exit(0 if holds else 1)


class Shop:
    """A copy of the storefront with an environment `bench`."""

    def __init__(self, folder: Path, **environment: Any) -> None:
        self.folder = folder / "shop"
        ignored = shutil.ignore_patterns(".demo", ".golive", "evidence", "__pycache__")
        shutil.copytree(ROOT / "examples" / "storefront", self.folder, ignore=ignored)
        path = self.folder / "golive.yaml"
        spec = yaml.safe_load(path.read_text())
        spec["environments"] = {"bench": {"target": {"kind": "local"}, **environment}}
        path.write_text(yaml.safe_dump(spec, sort_keys=False))

    def release(self, version: str) -> None:
        (self.folder / "release.json").write_text(json.dumps({"version": version, "faults": {}}))

    def golive(self, *arguments: str) -> dict[str, Any]:
        """Run the command with `--json`; its answer, or an error that shows what it said."""
        run = subprocess.run(
            [sys.executable, "-m", "golive", *arguments, "--json"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise RuntimeError(f"golive {' '.join(arguments)}: exit {run.returncode}\n{run.stdout}{run.stderr}")
        answer: dict[str, Any] = json.loads(run.stdout)
        return answer

    @property
    def entry(self) -> str:
        return str(self.golive("status", "--env", "bench")["environments"][0]["entry"])


@contextmanager
def shop(**environment: Any) -> Iterator[Shop]:
    """A shop that is stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="golive-bench-") as folder:
        built = Shop(Path(folder), **environment)
        try:
            yield built
        finally:
            if (built.folder / ".golive").exists():
                built.golive("down", "--env", "bench")
