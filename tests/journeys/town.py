"""A storefront in a folder of its own, the installed command, and load on its front door."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
LIMIT_S = 110


class Town:
    """One copy of the storefront. `golive` runs the command in it and gives back exit code, stdout, stderr."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[subprocess.Popen[str]] = []
        shutil.copytree(
            ROOT / "examples" / "storefront",
            folder,
            ignore=shutil.ignore_patterns(".demo", ".golive", "evidence", "__pycache__"),
        )

    def release(self, version: str, **faults: str) -> None:
        """Make the folder hold this release."""
        content = {"version": version, "faults": faults}
        (self.folder / "release.json").write_text(json.dumps(content))

    def edit(self, **changes: Any) -> None:
        """Merge into golive.yaml: `edit(environments={"production": {"instances": 1}})`; None removes a key."""
        path = self.folder / "golive.yaml"
        path.write_text(yaml.safe_dump(_merged(yaml.safe_load(path.read_text()), changes), sort_keys=False))

    def start(
        self, *arguments: str, who: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> subprocess.Popen[str]:
        """Begin a command. `who` is the environment of whoever types it, `folder` another checkout."""
        child = subprocess.Popen(
            [sys.executable, "-m", "golive", *arguments],
            cwd=folder or self.folder,
            env={**os.environ, "GOLIVE_ACTOR": "ann", **(who or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.children.append(child)
        return child

    def golive(
        self, *arguments: str, who: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> tuple[int, str, str]:
        child = self.start(*arguments, who=who, folder=folder)
        out, err = child.communicate(timeout=LIMIT_S)
        return child.returncode, out, err

    def deploy(self, environment: str) -> tuple[int, dict[str, Any]]:
        code, out, err = self.golive("deploy", "--env", environment, "--json")
        assert out, err
        return code, json.loads(out)

    def status(self, environment: str) -> dict[str, Any]:
        code, out, err = self.golive("status", "--env", environment, "--json")
        assert code == 0, err
        (found,) = json.loads(out)["environments"]
        return dict(found)

    def records(self, kind: str = "") -> list[dict[str, Any]]:
        lines = (self.folder / "evidence" / "operations" / "records.jsonl").read_text().splitlines()
        return [r for r in map(json.loads, lines) if not kind or r["type"] == kind]

    def down(self) -> None:
        for child in self.children:
            child.kill()
            child.wait()
        for environment in ("staging", "production"):
            if (self.folder / ".golive" / "environments" / environment).exists():
                self.golive("abort", "--env", environment)
                self.golive("down", "--env", environment)


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """A town that is stopped at the end, whatever happened."""
    built = Town(folder)
    try:
        yield built
    finally:
        built.down()


def _merged(base: Any, changes: Any) -> Any:
    if isinstance(base, Mapping) and isinstance(changes, Mapping):
        both = {**base, **{key: _merged(base.get(key), value) for key, value in changes.items()}}
        return {key: value for key, value in both.items() if value is not None}
    return changes
