"""Packing evidence into one file, and taking a hostile one apart without harm."""

import gzip
import io
import random
import tarfile
import tempfile
import tracemalloc
from pathlib import Path

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


def outcome(archive, folder):
    """The files that come out, or the code of the refusal."""
    try:
        unpack(archive, folder)
    except Failure as failure:
        return failure.code
    return files_in(folder)


def outcome_of_packing(evidence, tmp_path):
    with tempfile.TemporaryDirectory(dir=tmp_path) as place:
        pack(evidence, Path(place, "a.tar.gz"))
        return outcome(Path(place, "a.tar.gz"), Path(place, "out"))


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
    """An archive as others write it, but with the end that ours have."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for found, content in members:
            tar.addfile(found, io.BytesIO(content))
        end = tar.offset
    path = tmp_path / "hostile.tar.gz"
    path.write_bytes(gzip.compress(written.getvalue()[:end] + bytes(1024)))
    return path


def test_what_others_pack_in_the_same_form_is_taken_apart(tmp_path):
    path = hostile(tmp_path, *[member(name, content=content) for name, content in FILES.items()])
    assert outcome(path, tmp_path / "out") == FILES


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
    "a folder": [member("operations", tarfile.DIRTYPE)],
    "a folder that nobody may enter, and a file in it": [
        member("operations", tarfile.DIRTYPE, mode=0),
        member("operations/a", content=b"x"),
    ],
    "a program that runs as root": [member("operations/a", content=b"x", mode=0o4755)],
    "an owner": [member("operations/a", content=b"x", uid=1000, uname="ann")],
    "a time": [member("operations/a", content=b"x", mtime=1)],
    "a file of another kind": [member("operations/a", tarfile.CONTTYPE, content=b"x")],
    "a sparse file": [member("operations/a", tarfile.GNUTYPE_SPARSE)],
    "a name in an extension header": [member("operations/ä", content=b"x")],
    "a readme that is a link": [member("README.txt", tarfile.SYMTYPE, linkname="/etc/passwd")],
    "a readme later on": [member("operations/a", content=b"x"), member("README.txt", content=b"x")],
    "a readme that is huge": [member("README.txt", content=bytes(2**17))],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_lands_outside(tmp_path, members):
    path = hostile(tmp_path, *members)
    with pytest.raises(Failure) as refused:
        unpack(path, tmp_path / "deep" / "out")
    assert refused.value.code == Exit.TAMPERED
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "hostile.tar.gz"]
    assert list((tmp_path / "deep").iterdir()) == []


def test_an_archive_that_grows_too_much_is_refused(tmp_path):
    path = hostile(tmp_path, member("operations/a", content=bytes(64 * 2**20)))
    assert path.stat().st_size < 2**20
    with pytest.raises(Failure) as refused:
        unpack(path, tmp_path / "out")
    assert "more than is taken out" in refused.value.why


def test_a_header_that_says_how_long_the_next_is_takes_no_memory(tmp_path):
    header, _ = member("././@PaxHeader", tarfile.XHDTYPE)
    header.size = 512 * 2**20
    path = tmp_path / "hostile.tar.gz"
    with gzip.open(path, "wb") as packed:
        packed.write(header.tobuf(tarfile.USTAR_FORMAT))
        for _ in range(32):
            packed.write(bytes(2**20))
    tracemalloc.start()
    with pytest.raises(Failure):
        unpack(path, tmp_path / "out")
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 4 * 2**20


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    with pytest.raises(Failure) as refused:
        unpack(hostile(tmp_path, *[member(f"a{n}") for n in range(5)]), tmp_path / "out")
    assert "more than is taken out" in refused.value.why


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", gzip.compress(b"hello", mtime=0), gzip.compress(bytes(1024), mtime=0)[:-9]],
    ids=["nothing", "text", "compressed text", "cut off"],
)
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    with pytest.raises(Failure) as refused:
        unpack(path, tmp_path / "out")
    assert refused.value.code == Exit.TAMPERED


def test_an_archive_with_a_changed_byte_is_refused_or_holds_the_same(evidence, tmp_path):
    """Gzip's own header has bytes that say nothing of the content, such as the system that wrote it."""
    pack(evidence, tmp_path / "a.tar.gz", b"read me")
    original, chance, refused = (tmp_path / "a.tar.gz").read_bytes(), random.Random(1), 0
    for number in range(1000):
        place = chance.randrange(len(original))
        changed = bytes([original[place] ^ chance.randrange(1, 256)])
        (tmp_path / "b.tar.gz").write_bytes(original[:place] + changed + original[place + 1 :])
        found = outcome(tmp_path / "b.tar.gz", tmp_path / f"out{number}")
        assert found in (Exit.TAMPERED, FILES)
        refused += found == Exit.TAMPERED
    assert refused > 900


def test_nothing_can_be_hidden_between_files(evidence, tmp_path):
    pack(evidence, tmp_path / "a.tar.gz")
    plain = bytearray(gzip.decompress((tmp_path / "a.tar.gz").read_bytes()))
    assert plain[1023] == 0  # behind the two bytes of the manifest
    plain[1023] = 1
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(bytes(plain)))
    assert outcome(tmp_path / "b.tar.gz", tmp_path / "out") == Exit.TAMPERED


@pytest.mark.parametrize("behind", [b"x", b"x" * 2000, bytes(512) + b"x" * 512])
def test_nothing_can_be_hidden_behind_the_end(evidence, tmp_path, behind):
    pack(evidence, tmp_path / "a.tar.gz")
    (tmp_path / "b.tar.gz").write_bytes(
        gzip.compress(gzip.decompress((tmp_path / "a.tar.gz").read_bytes()) + behind)
    )
    with pytest.raises(Failure):
        unpack(tmp_path / "b.tar.gz", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_tools_can_read_it_and_find_the_readme_first(evidence, tmp_path):
    pack(evidence, tmp_path / "a.tar.gz", b"how to verify\n")
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        assert tar.getnames() == ["README.txt", *sorted(FILES)]
        assert tar.extractfile("README.txt").read() == b"how to verify\n"
    assert unpack(tmp_path / "a.tar.gz", tmp_path / "out") == len(FILES)
    assert files_in(tmp_path / "out") == FILES


def test_a_line_that_is_being_written_is_left_out(evidence, tmp_path):
    (evidence / "operations/records.jsonl").write_bytes(b"line\n" + b'{"half')
    assert outcome_of_packing(evidence, tmp_path) == FILES
    (evidence / "operations/records.jsonl").write_bytes(b"line\n" * 20_000 + b'{"half')
    assert outcome_of_packing(evidence, tmp_path) == FILES | {"operations/records.jsonl": b"line\n" * 20_000}


def test_links_are_not_packed(evidence, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (evidence / "operations/a/c.log").symlink_to(tmp_path / "secret")
    (evidence / "operations/d").symlink_to(tmp_path)
    assert pack(evidence, tmp_path / "a.tar.gz") == len(FILES)


def test_a_folder_without_records_is_not_packed(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Failure) as refused:
        pack(tmp_path / "empty", tmp_path / "a.tar.gz")
    assert refused.value.code == Exit.USAGE
    assert [p.name for p in tmp_path.iterdir()] == ["empty"]


def test_a_folder_that_is_there_is_left_alone(evidence, tmp_path):
    pack(evidence, tmp_path / "a.tar.gz")
    with pytest.raises(Failure) as refused:
        unpack(tmp_path / "a.tar.gz", evidence)
    assert refused.value.code == Exit.USAGE
    assert (evidence / "manifest.json").read_bytes() == b"{}"
