"""Looking at a folder sees what may say something, and neither secrets nor what others made."""

from pathlib import Path

import pytest

from golive.drivers.detect import DEEPEST, LARGEST_TEXT, look
from golive.drivers.firstfiles import add, foretell
from golive.errors import Exit, Failure
from golive.spec.draft.files import File


def test_files_are_seen_and_the_telling_ones_read(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    for path, text in {"app.py": "x = 1", "Procfile": "web: a", "data.bin": "z", "shop/api.py": "y"}.items():
        (tmp_path / path).write_text(text)
    found = look(tmp_path)
    assert found.name == tmp_path.name
    assert found.paths == {"app.py", "Procfile", "data.bin", "shop/api.py"}
    assert found.texts == {"app.py": "x = 1", "Procfile": "web: a", "shop/api.py": "y"}


@pytest.mark.parametrize(
    "skipped", [".git", ".golive", "evidence", ".venv", "venv", "node_modules", "__pycache__"]
)
def test_what_others_made_is_not_looked_at(tmp_path: Path, skipped: str) -> None:
    (tmp_path / skipped).mkdir()
    (tmp_path / skipped / "app.py").write_text("x")
    assert look(tmp_path).paths == frozenset()


def test_ci_folders_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "test.yml").write_text("on: push")
    assert look(tmp_path).paths == {".github/workflows/test.yml"}


def test_files_with_secrets_are_listed_and_never_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEY=hunter2")
    assert look(tmp_path).paths == {".env"}
    assert look(tmp_path).texts == {}


def test_links_large_files_and_other_encodings_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside.py").symlink_to("/etc/hostname")
    (tmp_path / "dead.py").symlink_to("nowhere")
    (tmp_path / "large.py").write_text("x" * (LARGEST_TEXT + 1))
    (tmp_path / "latin.py").write_bytes(b"caf\xe9")
    found = look(tmp_path)
    assert found.texts == {}
    assert len(found.paths) == 4


def test_depth_has_a_limit(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdefghij")
    deep.mkdir(parents=True)
    for folder in (deep, *deep.parents[:10]):
        (folder / "x.py").write_text("1")
    assert max(path.count("/") for path in look(tmp_path).paths) == DEEPEST


def test_a_program_is_told_from_a_script(tmp_path: Path) -> None:
    for name in ("shopd", "run.sh", "notes"):
        (tmp_path / name).write_text("x")
    (tmp_path / "shopd").chmod(0o755)
    (tmp_path / "run.sh").chmod(0o755)
    assert look(tmp_path).programs == {"shopd"}


def test_a_missing_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        look(tmp_path / "nowhere")
    assert caught.value.code == Exit.USAGE


FILES = (File(path="golive.yaml", text="a: 1\n"), File(path="ci/job.yml", text="b: 2\n"))
IGNORE = File(path=".gitignore", text=".golive/\n", append=True)


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "golive.yaml").write_text("mine")
    assert foretell(tmp_path, FILES) == (("golive.yaml", "would keep"), ("ci/job.yml", "would write"))
    assert add(tmp_path, FILES) == (("golive.yaml", "kept"), ("ci/job.yml", "written"))
    assert (tmp_path / "golive.yaml").read_text() == "mine"
    assert (tmp_path / "ci" / "job.yml").read_text() == "b: 2\n"


@pytest.mark.parametrize("kind", ["dead link", "link", "folder"])
def test_nothing_is_written_through_or_over_anything(tmp_path: Path, kind: str) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    if kind == "link":
        outside.write_text("mine")
    if kind == "folder":
        (inside / "golive.yaml").mkdir()
    else:
        (inside / "golive.yaml").symlink_to(outside)
    assert add(inside, FILES[:1]) == (("golive.yaml", "kept"),)
    assert not outside.exists() or outside.read_text() == "mine"


def test_lines_are_added_to_a_file_that_grows(tmp_path: Path) -> None:
    assert foretell(tmp_path, (IGNORE,)) == ((".gitignore", "would write"),)
    assert add(tmp_path, (IGNORE,)) == ((".gitignore", "written"),)
    assert foretell(tmp_path, (IGNORE,)) == ((".gitignore", "would add to"),)
    assert add(tmp_path, (IGNORE,)) == ((".gitignore", "added to"),)
    assert (tmp_path / ".gitignore").read_text() == ".golive/\n.golive/\n"


def test_a_path_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "ci").write_text("a file where a folder is needed")
    with pytest.raises(Failure) as caught:
        add(tmp_path, FILES)
    assert "--dry-run" in caught.value.next
