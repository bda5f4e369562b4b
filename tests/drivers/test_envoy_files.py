"""Files that Envoy watches: whole, durable, and with versions that only rise."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drivers.routers.envoy_files import Files
from golive.errors import Failure


@pytest.fixture
def files(tmp_path: Path) -> Files:
    made = Files(tmp_path / "production" / "envoy")
    made.make()
    return made


def test_what_was_put_can_be_read(files: Files) -> None:
    version = files.put("cds", [{"name": "new"}])
    assert files.resources("cds") == [{"name": "new"}]
    assert files.version("cds") == version


def test_versions_rise_with_every_put(files: Files) -> None:
    versions = [int(files.put("rds", [])) for _ in range(50)]
    assert versions == sorted(set(versions))


def test_versions_rise_over_a_clock_that_went_back(files: Files) -> None:
    ahead = 10**15
    files.write("rds", {"version_info": str(ahead), "resources": []})
    assert int(files.put("rds", [])) == ahead + 1


@given(torn=st.binary(max_size=40))
def test_a_torn_file_reads_as_none_and_does_not_lower_the_version(
    tmp_path_factory: pytest.TempPathFactory, torn: bytes
) -> None:
    files = Files(tmp_path_factory.mktemp("envoy"))
    before = int(files.put("rds", [{"name": "main"}]))
    whole = files.path("rds").read_bytes()
    files.path("rds").write_bytes(whole[: len(whole) // 2] + torn)
    assert files.resources("rds") in (None, [{"name": "main"}])
    assert int(files.put("rds", [])) >= before


@pytest.mark.parametrize("content", ["", "[]", "1", '{"resources": 3}', '{"version_info": 7}', "\x00"])
def test_anything_else_in_the_place_of_a_file_is_no_file(files: Files, content: str) -> None:
    files.path("cds").write_text(content)
    assert files.resources("cds") is None
    assert files.version("cds") == ""


def test_a_reader_never_sees_half_a_file(files: Files) -> None:
    """The new content arrives by a move: the old file stays whole for whoever has it open."""
    files.put("cds", [{"name": "old"}])
    with files.path("cds").open() as reader:
        files.put("cds", [{"name": "new"}])
        assert json.load(reader)["resources"] == [{"name": "old"}]


def test_pieces_of_a_crash_are_cleared_and_the_port_is_kept(files: Files) -> None:
    files.keep_port(21_000)
    files.put("eds_new", [])
    (files.folder / ".rds.json.tmp").write_text("{")
    files.clear()
    assert [path.name for path in files.folder.iterdir()] == ["port"]
    assert files.kept_port() == 21_000


@pytest.mark.parametrize("content", ["", "many", "21000x"])
def test_a_port_file_that_is_not_a_number_is_no_port(files: Files, content: str) -> None:
    (files.folder / "port").write_text(content)
    assert files.kept_port() is None


def test_a_file_that_cannot_be_written_is_a_failure_and_the_old_one_stays(files: Files) -> None:
    files.put("cds", [{"name": "old"}])
    (files.folder / ".cds.json.tmp").mkdir()
    with pytest.raises(Failure, match="cannot be written") as refused:
        files.put("cds", [{"name": "new"}])
    assert refused.value.next
    assert files.resources("cds") == [{"name": "old"}]


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    open_to_all = tmp_path / "envoy"
    open_to_all.mkdir(mode=0o755)
    Files(open_to_all).make()
    assert open_to_all.stat().st_mode & 0o777 == 0o700


def test_the_newest_reason_is_found_in_a_long_log(files: Files) -> None:
    assert files.last_rejection() == ""
    lines = ["rejected: the first"] + ["noise"] * 20_000 + ["lds rejected: port taken", "calm again"]
    (files.folder / "envoy.log").write_text("\n".join(lines))
    assert files.last_rejection() == "lds rejected: port taken"
    assert os.path.getsize(files.folder / "envoy.log") > 64 * 1024
