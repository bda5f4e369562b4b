"""Names, ports, logs and secrets of the local target."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drivers.targets import ports
from golive.drivers.targets.logs import KEPT, prune, tail
from golive.drivers.targets.names import name_of, named
from golive.drivers.targets.ports import free_port
from golive.drivers.targets.secrets import MOST_BYTES, resolve
from golive.errors import Failure
from golive.release.revision import Revision
from golive.spec.values import SecretRef

DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(DIGESTS, st.one_of(st.just(""), DIGESTS), st.integers(0, 999))
def test_a_name_tells_revision_and_index(digest: str, settings: str, index: int) -> None:
    revision = Revision(digest=digest, settings=settings)
    told = named(name_of(revision, index))
    assert told
    assert (told.revision, told.index) == (revision.name, index)


@pytest.mark.parametrize("name", ["front-door", "web-0", "web-3f2a91c04b7d", "web-3F2A91C04B7D-0", "web-../x-0"])
def test_other_programs_are_no_instances(name: str) -> None:
    assert named(name) is None


def test_a_free_port_is_outside_the_range_that_the_kernel_gives_away() -> None:
    assert ports.FIRST <= free_port(set()) <= ports.LAST < 32768


def test_every_free_port_is_found_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first = free_port(set())
    monkeypatch.setattr(ports, "FIRST", first)
    monkeypatch.setattr(ports, "LAST", first)
    assert free_port(set()) == first
    with pytest.raises(Failure):
        free_port({first})
    with socket.create_server(("127.0.0.1", first)), pytest.raises(Failure):
        free_port(set())


def test_the_last_lines_reach_into_the_part_that_was_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "web-0.log"
    log.with_name("web-0.log.1").write_text("one\ntwo\n")
    log.write_text("three\nfour\n")
    assert tail(log, 1) == ("four",)
    assert tail(log, 3) == ("two", "three", "four")
    assert tail(log, 9) == ("one", "two", "three", "four")
    assert tail(log, 0) == ()
    assert tail(tmp_path / "none.log", 5) == ()


def test_logs_of_stopped_instances_are_kept_for_a_while(tmp_path: Path) -> None:
    for age in range(KEPT + 5):
        for part in ("", ".1"):
            (tmp_path / f"web-{age:02}.log{part}").write_text("x")
            os.utime(tmp_path / f"web-{age:02}.log{part}", (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "front-door.log").write_text("x")
    prune(tmp_path, {f"web-{KEPT + 4:02}"})
    left = {path.name for path in tmp_path.glob("*.log")}
    assert left == {f"web-{age:02}.log" for age in range(KEPT)} | {f"web-{KEPT + 4:02}.log", "front-door.log"}
    assert not (tmp_path / f"web-{KEPT + 1:02}.log.1").exists()


@pytest.mark.parametrize("content", [b"", b"\n", b"a\0b", b"\xff\xfe", b"x" * (MOST_BYTES + 1)])
def test_a_file_that_is_no_secret_is_refused_without_repeating_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(Failure, match="cannot be read") as refused:
        resolve({"T": SecretRef(source="file", name="token")}, root=tmp_path, environ={})
    assert "xxx" not in "\n".join(refused.value.lines())


def test_secrets_of_several_lines_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN-----\nabc \n-----END-----\r\n\n")
    found = resolve({"K": SecretRef(source="file", name=str(tmp_path / "key"))}, root=Path("/"), environ={})
    assert found == {"K": "-----BEGIN-----\nabc \n-----END-----"}
