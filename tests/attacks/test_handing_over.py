"""Evidence in the hands of others: an archive that verifies anywhere, whoever records meanwhile."""

import gzip
import json
import os
import shutil
import tarfile

import pytest
from click.testing import CliRunner

from golive.assembly.evidence import export, renew_manifest, verified_archive
from golive.assembly.place import folders
from golive.assembly.views import verified
from golive.cli import golive
from golive.controller.sealing import Seal
from golive.drivers import archives
from golive.drivers.archives import pack
from golive.drivers.ledgers.checkpoints import CheckpointFiles
from golive.errors import Exit, Failure
from golive.evidence.record import Actor, Draft
from victim import LOG, Story


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    Story(folder).play()
    return folder


def run(*words):
    return CliRunner().invoke(golive, ["evidence", *map(str, words)])


def test_an_archive_verifies_as_the_folder_does(story, tmp_path):
    count, digest = export(str(story / "golive.yaml"), tmp_path / "a.tar.gz")
    here, _ = verified(story / "evidence", None)
    there, audit = verified_archive(tmp_path / "a.tar.gz", here.head)
    assert (there.head, there.artifacts, there.unvouched) == (here.head, here.artifacts, ())
    assert audit.approved == 2
    assert len(digest) == 64
    assert count == sum(path.is_file() for path in (story / "evidence").rglob("*"))


def test_the_command_takes_an_archive_and_its_readme_says_how(story, tmp_path):
    said = run("export", "--output", tmp_path / "a.tar.gz", "--file", story / "golive.yaml")
    assert said.exit_code == 0
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        readme = tar.extractfile("README.txt").read().decode()
    line = next(line.strip() for line in readme.splitlines() if "verify ARCHIVE" in line)
    words = line.replace("ARCHIVE", str(tmp_path / "a.tar.gz")).split()
    assert words[:2] == ["golive", "evidence"]
    found = run(*words[2:], "--json")
    assert found.exit_code == 0
    assert json.loads(found.output)["pinned"]


def test_a_finding_names_the_place_in_the_archive(story, tmp_path):
    shutil.copytree(story / "evidence", tmp_path / "evidence")
    records = tmp_path / "evidence/operations/records.jsonl"
    records.write_bytes(records.read_bytes().replace(b"prepare", b"prepbre", 1))
    pack(tmp_path / "evidence", tmp_path / "a.tar.gz")
    with pytest.raises(Failure) as found:
        verified_archive(tmp_path / "a.tar.gz", None)
    assert found.value.code == Exit.TAMPERED
    assert found.value.where.startswith(f"{tmp_path}/a.tar.gz/operations/records.jsonl:")
    assert "golive-archive-" not in "\n".join(found.value.lines())


def test_what_is_no_archive_is_no_evidence(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(b"hello"))
    failure = run("verify", tmp_path / "a.tar.gz").exception
    assert isinstance(failure, Failure)
    assert failure.code == Exit.TAMPERED


@pytest.mark.parametrize("moment", ["_read", "_files", "_whole_lines", "_copy"])
def test_what_is_packed_while_somebody_records_fits_together(tmp_path, monkeypatch, moment):
    """Something is recorded, kept and sealed before and after each call of a part of the packing."""
    story = Story(tmp_path)
    story.play()
    writer, original = Story(tmp_path), getattr(archives, moment)

    def in_between(*words):
        record_and_seal(writer)
        found = original(*words)
        found = list(found) if moment == "_files" else found
        record_and_seal(writer)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(archives, moment, in_between)
        pack(tmp_path / "evidence", tmp_path / "a.tar.gz")
    writer.ledger.close()
    before, _ = verified(tmp_path / "evidence", None)
    found, _ = verified_archive(tmp_path / "a.tar.gz", None)
    assert found.records <= before.records


def record_and_seal(story):
    for _ in range(2):
        a_note(story)
    here = folders(str(story.folder / "golive.yaml"))
    heads = CheckpointFiles(here.state, here.evidence)
    head = Seal(ledger=story.ledger, checkpoints=heads, clock=story.clock, signer=LOG, service="shop").put()
    renew_manifest(here, story.ledger, head.size)


def a_note(story, **body):
    kept = story.store.keep(f"notes/{story.ledger.head().seq}.txt", b"x" * 3000, "text/plain")
    story.ledger.append(
        Draft(
            id=f"note-{story.ledger.head().seq}",
            at=story.clock.now(),
            mono_ns=story.clock.mono_ns(),
            boot=story.clock.boot,
            type="note",
            environment="production",
            rollout="",
            actor=Actor(id="ann"),
            body=body,
            artifacts=(kept,),
        )
    )


def a_link(evidence):
    (evidence / "operations/link").symlink_to("/etc/hostname")


def a_linked_folder(evidence):
    (evidence / "operations/folder").symlink_to("/etc")


def a_pipe(evidence):
    os.mkfifo(evidence / "operations/pipe")


def a_credential_in_a_file_of_nobody(evidence):
    (evidence / "notes.txt").write_text("AKIA" + "A" * 16)


@pytest.mark.parametrize("attack", [a_link, a_linked_folder, a_pipe, a_credential_in_a_file_of_nobody])
def test_what_nobody_vouches_for_is_no_way_in(story, tmp_path, attack):
    shutil.copytree(story / "evidence", tmp_path / "evidence")
    attack(tmp_path / "evidence")
    with pytest.raises(Failure) as found:
        verified(tmp_path / "evidence", None)
    assert found.value.code == Exit.TAMPERED


def test_a_credential_in_a_record_is_found(tmp_path):
    story = Story(tmp_path)
    story.play()
    writer = Story(tmp_path)
    a_note(writer, odd="https://ann:hunter22@host")
    writer.seal()
    writer.ledger.close()
    with pytest.raises(Failure) as found:
        verified(tmp_path / "evidence", None)
    assert found.value.what == "there is a credential in this record"
