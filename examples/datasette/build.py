"""Build one release: Datasette and what it needs into `lib/`, the data into `library.db`, and `settings.json`.

`release.json` says which version, with which settings. Packages come from the registry that pip is set up for,
and only with the bytes whose hashes `requirements-VERSION.txt` lists, so the same release is the same bytes again.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIB = HERE / "lib"
DATA = HERE / "library.db"


def main() -> None:
    """Packages first, then the data, which the packages inspect."""
    release = json.loads((HERE / "release.json").read_text())
    version = release["version"]
    requirements = HERE / f"requirements-{version}.txt"
    if not requirements.is_file():
        known = sorted(path.name for path in HERE.glob("requirements-*.txt"))
        sys.exit(f"release.json asks for Datasette {version}; there is {', '.join(known)}")
    install(requirements)
    make_portable()
    DATA.unlink(missing_ok=True)
    run(sys.executable, "library.py", DATA.name)
    inspect()
    # The settings come last: Datasette reads them while it inspects too, and a wrong one is for golive to find.
    (HERE / "settings.json").write_text(json.dumps(release["settings"], indent=2, sort_keys=True) + "\n")


def install(requirements: Path) -> None:
    """Wheels only: nothing that was downloaded is run while building."""
    shutil.rmtree(LIB, ignore_errors=True)
    with tempfile.TemporaryDirectory() as spare:
        rules = ("--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-compile", "--no-cache-dir")
        run(pip_python(Path(spare)), "-m", "pip", "install", "-q", "--target", LIB, *rules, "-r", requirements)


def pip_python(spare: Path) -> Path:
    """A Python that has pip. Debian's has none; every venv does."""
    if importlib.util.find_spec("pip"):
        return Path(sys.executable)
    venv.create(spare, with_pip=True)
    return spare / "bin" / "python"


def make_portable() -> None:
    """Leave out what names the Python that pip ran with: start scripts, and the lists that hash them."""
    shutil.rmtree(LIB / "bin", ignore_errors=True)
    for record in LIB.glob("*.dist-info/RECORD"):
        record.unlink()


def inspect() -> None:
    """Count rows once: with `inspect-data.json` Datasette opens the file as immutable and need not count."""
    run(sys.executable, "-S", "serve.py", "inspect", DATA.name, "--inspect-file", "inspect-data.json")


def run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], cwd=HERE, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} exited {done.returncode}")


if __name__ == "__main__":
    main()
