"""The manifest: made from the records alone, and older forms upgraded without loss."""

import hashlib
import json

import pytest

from golive.errors import Exit, Failure
from golive.evidence.manifest import Listed, faults_in, manifest, read, upgraded
from golive.evidence.record import Artifact
from golive.evidence.verification import Measured
from record_drafts import draft, log

FILES = {"operations/a.log": b"one", "operations/b.json": b"two"}


class Folder:
    def paths(self):
        return list(FILES)

    def measure(self, path):
        content = FILES.get(path)
        return content and Measured(size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def sha(path):
    return hashlib.sha256(FILES[path]).hexdigest()


def artifact(path):
    return Artifact(path=path, sha256=sha(path), size_bytes=3, media_type="text/plain")


RECORDS = log(
    draft(1, artifacts=(artifact("operations/b.json"),)),
    draft(2, type="log.key", environment="", body={"vkey": "x", "service": "shop"}),
    draft(3, artifacts=(artifact("operations/a.log"), artifact("operations/b.json"))),
)


def test_it_names_every_file_once_with_its_real_checksum_in_the_known_field_names():
    body = json.loads(manifest(RECORDS))
    assert [a["path"] for a in body["artifacts"]] == sorted(FILES)
    for entry in body["artifacts"]:
        assert entry["checksum"] == sha(entry["path"])
        assert {"path", "category", "description", "checksum", "created_at", "phase", "automation"} <= set(entry)
    assert body["artifacts"][1]["record"] == 1
    assert body["metadata"]["project_name"] == "shop"
    assert body["metadata"]["total_artifacts"] == 2


def test_making_it_again_gives_the_same_bytes_and_another_is_found():
    listed = Listed(sizes=frozenset({2, 3}))
    for record in RECORDS:
        listed.take(record)
    assert list(listed.faults(manifest(RECORDS))) == []
    assert list(listed.faults(manifest(RECORDS[:2]))) == []  # as a crash may have left it
    assert list(listed.faults(None)) == []
    assert [f.code for f in listed.faults(manifest(RECORDS[:1]))] == [Exit.TAMPERED]


OLD = {
    "a bare list of paths": ["operations/a.log", "operations/b.json"],
    "a bare list of objects": [
        {"file": "operations/a.log", "phase": "phase5", "checksum": sha("operations/a.log")}
    ],
    "an index": [{"path": "operations/a.log", "category": "x", "checksum": ""}],
    "the newest family": {
        "protocol_id": "06",
        "artifacts": [{"location": "operations/a.log", "sha256": sha("operations/a.log"), "required": True}],
        "validators": [{"name": "v", "status": "pass"}],
    },
    "prefixed digests": {
        "artifacts": [{"path": "operations/a.log", "checksum": "sha256:" + sha("operations/a.log")}]
    },
    "under another key": {"evidence": [{"path": "operations/a.log"}], "metadata": {"project_name": "shop"}},
}


@pytest.mark.parametrize("name", OLD)
def test_an_older_form_is_upgraded_without_loss(name):
    new = json.loads(upgraded(json.dumps(OLD[name]).encode(), "old.json", Folder()))
    assert all(entry["checksum"] == sha(entry["path"]) for entry in new["artifacts"])
    assert new["metadata"]["total_artifacts"] == len(new["artifacts"])
    old = OLD[name]
    told = old if isinstance(old, list) else old.get("artifacts", old.get("evidence"))
    for before, after in zip(told, new["artifacts"], strict=True):
        kept = {k: v for k, v in before.items() if k in after} if isinstance(before, dict) else {}
        assert all(after[key] == value or key == "checksum" for key, value in kept.items())
    if isinstance(old, dict):
        assert {k: v for k, v in new.items() if k in old and k != "artifacts" and k != "metadata"} == {
            k: v for k, v in old.items() if k not in ("artifacts", "evidence", "metadata")
        }


def test_a_missing_or_changed_file_stops_an_upgrade():
    for entry in ({"path": "operations/none"}, {"path": "operations/a.log", "checksum": "0" * 64}):
        with pytest.raises(Failure) as refused:
            upgraded(json.dumps([entry]).encode(), "old.json", Folder())
        assert refused.value.code == Exit.TAMPERED


def test_what_has_no_checksum_is_not_proven():
    (fault,) = faults_in(read(b'["operations/a.log"]', "old.json"), Folder())
    assert "no checksum" in fault.what


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"3", b'[{"no": "path"}]', b'[{"path": "a", "checksum": "md5:1"}]', b"[3]"]
)
def test_what_is_no_manifest_is_refused(text):
    with pytest.raises(Failure) as refused:
        read(text, "old.json")
    assert refused.value.code == Exit.USAGE
