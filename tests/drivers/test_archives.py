"""Packing evidence into one file, and taking a hostile one apart without harm."""

import gzip
import io
import tarfile

import pytest

from golive.drivers import archives
from golive.drivers.archives import pack, unpack
from golive.errors import Exit, Failure

FILES = {"manifest.json": b"{}", "operations/records.jsonl": b"line\n", "operations/a/b.log": b"x" * 5000}


@pytest.fixture
def evidence(tmp_path):
    for name, content in FILES.items():
        path = tmp_path / "evidence" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "evidence" / ".left.part").write_bytes(b"")
    return tmp_path / "evidence"


def files_in(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_was_packed_comes_out(evidence, tmp_path):
    assert pack(evidence, tmp_path / "a.tar.gz") == 3
    assert unpack(tmp_path / "a.tar.gz", tmp_path / "out") == 3
    assert files_in(tmp_path / "out") == FILES


def test_the_same_evidence_gives_the_same_bytes(evidence, tmp_path):
    pack(evidence, tmp_path / "a.tar.gz")
    (evidence / "manifest.json").touch()
    pack(evidence, tmp_path / "b.tar.gz")
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()


def test_an_archive_that_is_there_is_not_overwritten_and_nothing_is_left(evidence, tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(b"mine")
    with pytest.raises(Failure):
        pack(evidence, tmp_path / "a.tar.gz")
    assert (tmp_path / "a.tar.gz").read_bytes() == b"mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tar.gz", "evidence"]


def member(name, kind=tarfile.REGTYPE, content=b"", **fields):
    found = tarfile.TarInfo(name)
    found.type, found.size = kind, len(content)
    for key, value in fields.items():
        setattr(found, key, value)
    return found, content


def hostile(tmp_path, *members):
    path = tmp_path / "hostile.tar.gz"
    with gzip.open(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for found, content in members:
            tar.addfile(found, io.BytesIO(content))
    return path


LONG = "d" * 80
HOSTILE = {
    "a name above the folder": [member("../out-of-it", content=b"x")],
    "a name above it, deeper": [member("operations/../../out-of-it", content=b"x")],
    "an absolute name": [member("/tmp/golive-out-of-it", content=b"x")],
    "a link": [member("operations/a", tarfile.SYMTYPE, linkname="/etc/passwd")],
    "a hard link": [member("operations/a", content=b"x"), member("b", tarfile.LNKTYPE, linkname="operations/a")],
    "a link out, and a file through it": [
        member("operations", tarfile.SYMTYPE, linkname="/tmp"),
        member("operations/golive-out-of-it", content=b"x"),
    ],
    "a chain of long links that a resolved path leaves": [
        member(LONG, tarfile.SYMTYPE, linkname=f"{LONG}/.."),
        member(f"{LONG}/golive-out-of-it", content=b"x"),
    ],
    "a hard link to a link": [
        member("a", tarfile.SYMTYPE, linkname="../out-of-it"),
        member("b", tarfile.LNKTYPE, linkname="a"),
    ],
    "a device": [member("operations/a", tarfile.CHRTYPE, devmajor=1, devminor=3)],
    "a pipe": [member("operations/a", tarfile.FIFOTYPE)],
    "a name twice": [member("operations/a", content=b"x"), member("operations/a", content=b"y")],
    "a name that is a folder as well": [
        member("operations/a", content=b"x"),
        member("operations/a/b", content=b"y"),
    ],
    "capital letters": [member("Operations/A", content=b"x")],
    "a hidden name": [member("operations/.hidden", content=b"x")],
    "a name with a backslash": [member("operations\\..\\x", content=b"x")],
    "an empty part": [member("operations//a", content=b"x")],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_lands_outside(tmp_path, members):
    path = hostile(tmp_path, *members)
    with pytest.raises(Failure) as refused:
        unpack(path, tmp_path / "deep" / "out")
    assert refused.value.code == Exit.TAMPERED
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "hostile.tar.gz"]
    assert sorted(p.name for p in (tmp_path / "deep").iterdir()) == ["out"]
    assert all(p.is_file() or p.is_dir() for p in (tmp_path / "deep").rglob("*") if not p.is_symlink())
    assert not any(p.is_symlink() for p in (tmp_path / "deep").rglob("*"))


def test_an_archive_that_grows_too_much_is_refused(tmp_path):
    path = hostile(tmp_path, member("operations/a", content=bytes(64 * 2**20)))
    assert path.stat().st_size < 2**20
    with pytest.raises(Failure, match="more than is taken out"):
        unpack(path, tmp_path / "out")


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    with pytest.raises(Failure, match="more than is taken out"):
        unpack(hostile(tmp_path, *[member(f"a{n}") for n in range(5)]), tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"hello", gzip.compress(b"hello"), gzip.compress(bytes(1024))[:-9]])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    with pytest.raises(Failure) as refused:
        unpack(path, tmp_path / "out")
    assert refused.value.code == Exit.TAMPERED


def test_a_folder_that_is_there_is_left_alone(evidence, tmp_path):
    pack(evidence, tmp_path / "a.tar.gz")
    with pytest.raises(Failure):
        unpack(tmp_path / "a.tar.gz", evidence)
    assert (evidence / "manifest.json").read_bytes() == b"{}"
