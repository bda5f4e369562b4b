"""Evidence files: redacted before they are hashed, whole or not there, never changed, never outside."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from golive.drivers.artifacts import ArtifactStore
from golive.errors import Exit, Failure
from golive.evidence.record import Artifact
from golive.evidence.redaction import Redactor

LOG = "deployments/d1/steps.log"


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "evidence", Redactor({"TOKEN": "hunter2hunter2"}))


def kept(tmp_path: Path) -> Path:
    return tmp_path / "evidence" / "operations"


def test_what_is_kept_is_there_under_its_name_with_its_digest(store: ArtifactStore, tmp_path: Path) -> None:
    found = store.keep(LOG, b"did it\n", "text/plain")
    assert found == Artifact(
        path=f"operations/{LOG}",
        sha256=hashlib.sha256(b"did it\n").hexdigest(),
        size_bytes=7,
        media_type="text/plain",
    )
    assert (kept(tmp_path) / LOG).read_bytes() == store.read(found) == b"did it\n"


def test_only_redacted_bytes_reach_the_disk_and_the_digest(store: ArtifactStore, tmp_path: Path) -> None:
    found = store.keep(LOG, b"token hunter2hunter2 and AKIAIOSFODNN7EXAMPLE\n", "text/plain")
    content = (kept(tmp_path) / LOG).read_bytes()
    assert content == b"token [redacted:TOKEN] and [redacted:aws-key-id]\n"
    assert (found.sha256, found.redactions) == (hashlib.sha256(content).hexdigest(), 2)
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and b"hunter2" in p.read_bytes()]
    assert store.keep("other.log", b"nothing", "text/plain").redactions == 0, "counted file by file"


def test_keeping_the_same_again_gives_the_same(store: ArtifactStore, tmp_path: Path) -> None:
    first = store.keep(LOG, b"x", "text/plain")
    before = (kept(tmp_path) / LOG).stat().st_mtime_ns
    assert store.keep(LOG, b"x", "text/plain") == first
    assert (kept(tmp_path) / LOG).stat().st_mtime_ns == before


@pytest.mark.parametrize("path", [LOG, "deployments/d1/steps", "deployments/" + "x" * 96 + ".log"])
def test_other_content_under_a_taken_name_gets_a_name_of_its_own(store: ArtifactStore, path: str) -> None:
    """What an earlier record vouches for is never overwritten."""
    first = store.keep(path, b"first", "text/plain")
    second = store.keep(path, b"second", "text/plain")
    assert second.path != first.path
    assert second.sha256[:12] in second.path
    assert (store.read(first), store.read(second)) == (b"first", b"second")
    assert store.keep(path, b"second", "text/plain") == second
    assert second.path.endswith(Path(path).suffix)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/x",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        ".x",
        "a/.x",
        "A",
        "a b",
        "a\\b",
        "a\0b",
        "ü",
        "a" * 101,
        "-x",
    ],
)
def test_a_path_outside_the_grammar_is_refused(store: ArtifactStore, tmp_path: Path, path: str) -> None:
    with pytest.raises(Failure):
        store.keep(path, b"x", "text/plain")
    assert not list(tmp_path.rglob("*"))


def test_the_records_cannot_be_kept_as_an_artifact(store: ArtifactStore) -> None:
    with pytest.raises(Failure):
        store.keep("records.jsonl", b"x", "text/plain")


@pytest.mark.parametrize("link", ["operations", "operations/deployments", f"operations/{LOG}"])
def test_a_link_on_the_way_is_not_followed(store: ArtifactStore, tmp_path: Path, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = tmp_path / "evidence" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(elsewhere / "steps.log" if link.endswith(".log") else elsewhere)
    with pytest.raises(Failure) as refused:
        store.keep(LOG, b"x", "text/plain")
    assert "descriptor" not in refused.value.why
    assert not list(elsewhere.iterdir())


def test_the_evidence_folder_itself_may_be_anywhere(tmp_path: Path) -> None:
    (tmp_path / "large-disk").mkdir()
    (tmp_path / "evidence").symlink_to(tmp_path / "large-disk")
    store = ArtifactStore(tmp_path / "evidence", Redactor({}))
    assert store.read(store.keep(LOG, b"x", "text/plain")) == b"x"


def test_something_else_under_the_name_is_refused(store: ArtifactStore, tmp_path: Path) -> None:
    (kept(tmp_path) / "deployments" / "d1").mkdir(parents=True)
    os.mkfifo(kept(tmp_path) / LOG)
    with pytest.raises(Failure):
        store.keep(LOG, b"x", "text/plain")


@pytest.mark.parametrize("change", ["changed", "missing", "a link"])
def test_reading_back_checks_the_digest(store: ArtifactStore, tmp_path: Path, change: str) -> None:
    found = store.keep(LOG, b"did it\n", "text/plain")
    file = kept(tmp_path) / LOG
    content = file.read_bytes()
    if change != "changed":
        file.unlink()
    if change == "changed":
        file.write_bytes(b"did is\n")
    if change == "a link":
        (tmp_path / "copy").write_bytes(content)
        file.symlink_to(tmp_path / "copy")
    with pytest.raises(Failure) as refused:
        store.read(found)
    assert refused.value.code == Exit.TAMPERED
    with pytest.raises(Failure):
        store.read(replace(found, sha256="0" * 64))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file")
    with pytest.raises(Failure) as refused:
        ArtifactStore(tmp_path / "evidence", Redactor({})).keep(LOG, b"x", "text/plain")
    assert "evidence" in refused.value.where
    assert refused.value.next


def test_no_part_of_a_file_stays_behind(store: ArtifactStore, tmp_path: Path) -> None:
    store.keep(LOG, b"x", "text/plain")
    store.keep(LOG, b"y", "text/plain")
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(".")]


def test_every_file_is_listed_and_measured_but_not_through_links(store: ArtifactStore, tmp_path: Path) -> None:
    store.keep(LOG, b"x", "text/plain")
    (kept(tmp_path) / "records.jsonl").write_bytes(b"")
    (tmp_path / "evidence" / "README").write_bytes(b"")
    (tmp_path / "evidence" / "loop").symlink_to(tmp_path)
    assert sorted(store.paths()) == ["README", "loop", f"operations/{LOG}"]
    assert store.measure("loop") is None
    assert store.measure(f"loop/evidence/operations/{LOG}") is None
    assert store.measure("missing") is None
    assert store.measure("README")
