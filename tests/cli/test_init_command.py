"""`golive init` as it is typed, in real folders."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = (
    "import os\nfrom http.server import HTTPServer\nHTTPServer(('', int(os.environ['PORT'])), X).serve_forever()\n"
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    return folder


def golive(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "golive", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_init_writes_a_file_that_check_accepts(shop: Path) -> None:
    told = golive("init", folder=shop)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[0] == "found         a Python script that serves (app.py)"
    assert "written       golive.yaml" in told.stdout
    assert golive("spec", "check", folder=shop).returncode == 0
    first = {"app.py", "golive.yaml", ".gitignore", ".github/workflows/golive.yml"}
    assert {path for path in contents(shop) if not path.startswith("scripts/")} == first


def test_init_installs_the_scripts_executable_and_as_they_are(shop: Path) -> None:
    (shop / "scripts").mkdir()
    (shop / "scripts" / "deploy_backend.sh").write_text("mine\n")
    told = golive("init", folder=shop)
    assert "kept          scripts/deploy_backend.sh" in told.stdout
    assert (shop / "scripts" / "deploy_backend.sh").read_text() == "mine\n"
    for name in ("rollback_backend.sh", "update_task_state.py"):
        assert (shop / "scripts" / name).read_text() == (ROOT / "scripts" / name).read_text()
        assert os.access(shop / "scripts" / name, os.X_OK)


def test_a_second_init_changes_nothing(shop: Path) -> None:
    golive("init", folder=shop)
    (shop / "golive.yaml").write_text("mine: true\n")
    before = contents(shop)
    told = golive("init", folder=shop)
    assert told.returncode == 0
    assert "kept          golive.yaml" in told.stdout
    assert contents(shop) == before


def test_a_dry_run_prints_and_writes_nothing(shop: Path) -> None:
    before = contents(shop)
    told = golive("init", "--dry-run", folder=shop)
    assert "--- golive.yaml\n" in told.stdout
    assert "run: [python3, app.py]" in told.stdout
    assert "would write   golive.yaml" in told.stdout
    assert contents(shop) == before


def test_a_folder_can_be_named(shop: Path) -> None:
    assert golive("init", "shop", folder=shop.parent).returncode == 0
    assert (shop / "golive.yaml").exists()
    assert golive("init", "nowhere", folder=shop.parent).returncode == 2


def test_the_same_as_json(shop: Path) -> None:
    first = json.loads(golive("init", "--json", folder=shop).stdout)
    assert first["found"] == "a Python script that serves"
    assert [(file["path"], file["deed"]) for file in first["files"]][:3] == [
        ("golive.yaml", "written"),
        (".gitignore", "written"),
        (".github/workflows/golive.yml", "written"),
    ]
    again = json.loads(golive("init", "--json", "--dry-run", folder=shop).stdout)
    assert {file["deed"] for file in again["files"]} == {"would keep"}


def test_what_cannot_be_known_is_marked_and_refused_at_its_place(tmp_path: Path) -> None:
    told = golive("init", folder=tmp_path)
    assert told.returncode == 0
    marked = [line for line in told.stdout.splitlines() if line.startswith("FILL IN")]
    assert len(marked) == 1
    where, hint = marked[0].removeprefix("FILL IN").strip().split(": write ")
    assert hint == "the command that starts the service; it must listen on $PORT"
    checked = golive("spec", "check", folder=tmp_path)
    assert checked.returncode == 2
    assert checked.stderr.splitlines()[0] == f"{where}: it still says FILL IN"
    assert checked.stderr.splitlines()[-1] == f"next: write {hint}"
