"""Where an Envoy lives: binary, admin socket, port."""

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from golive.drivers.routers import envoy_place
from golive.errors import Failure


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of the test's own, short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="g") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder).resolve()


@pytest.fixture
def long(tmp_path: Path) -> Path:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    return folder


def test_the_socket_lies_in_the_folder_when_its_path_is_short(temporary: Path) -> None:
    assert envoy_place.admin_socket(temporary) == temporary / "admin.sock"


def test_a_long_path_gets_a_short_folder_of_our_own(long: Path, temporary: Path) -> None:
    envoy_place.claim_socket_folder(long)
    place = envoy_place.admin_socket(long)
    assert place.parent.parent == temporary
    assert place.parent.stat().st_mode & 0o777 == 0o700
    envoy_place.release_socket_folder(long)
    assert list(temporary.iterdir()) == []


def test_looking_for_the_socket_makes_nothing(long: Path, temporary: Path) -> None:
    envoy_place.admin_socket(long)
    assert list(temporary.iterdir()) == []


def test_two_long_paths_never_share_a_socket(tmp_path: Path, temporary: Path) -> None:
    places = {envoy_place.admin_socket(tmp_path / ("long" * 30) / name) for name in ("staging", "production")}
    assert len(places) == 2


def test_a_link_to_the_folder_means_the_same_socket(long: Path, temporary: Path) -> None:
    link = temporary / "link"
    link.symlink_to(long)
    assert envoy_place.admin_socket(link) == envoy_place.admin_socket(long)


def test_a_planted_link_is_refused(long: Path, temporary: Path) -> None:
    place = envoy_place.admin_socket(long).parent
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    place.symlink_to(elsewhere)
    for question in (envoy_place.admin_socket, envoy_place.claim_socket_folder):
        with pytest.raises(Failure, match="not a folder of ours"):
            question(long)


def test_a_planted_folder_that_others_may_enter_is_refused(long: Path, temporary: Path) -> None:
    envoy_place.admin_socket(long).parent.mkdir(mode=0o755)
    with pytest.raises(Failure, match="not a folder of ours"):
        envoy_place.claim_socket_folder(long)


def test_a_planted_file_is_refused(long: Path, temporary: Path) -> None:
    envoy_place.admin_socket(long).parent.touch(mode=0o600)
    with pytest.raises(Failure, match="not a folder of ours"):
        envoy_place.claim_socket_folder(long)


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a folder to another user needs root")
def test_a_folder_of_somebody_else_is_refused(long: Path, temporary: Path) -> None:
    place = envoy_place.admin_socket(long).parent
    place.mkdir(mode=0o700)
    os.chown(place, 12345, 12345)
    with pytest.raises(Failure, match="not a folder of ours"):
        envoy_place.claim_socket_folder(long)


def test_a_temporary_folder_that_is_too_long_is_told(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with pytest.raises(Failure, match="too long") as refused:
        envoy_place.admin_socket(long)
    assert "TMPDIR" in refused.value.next


def test_the_chosen_port_is_free_and_below_the_ephemeral_ones(tmp_path: Path) -> None:
    port = envoy_place.free_port("127.0.0.1", tmp_path)
    assert port in range(20_000, 32_000)
    assert envoy_place.free_port("127.0.0.1", tmp_path) == port
    with socket.create_server(("127.0.0.1", port)):
        assert envoy_place.free_port("127.0.0.1", tmp_path) != port


def test_a_taken_port_names_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Failure, match="is taken") as refused:
            envoy_place.refuse_taken("127.0.0.1", port, None)
    assert f"pid {os.getpid()}" in refused.value.why
    assert "target.port" in refused.value.next


def test_a_port_that_golive_chose_can_be_chosen_again(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(Failure, match="is taken") as refused,
    ):
        envoy_place.refuse_taken("127.0.0.1", server.getsockname()[1], tmp_path / "port")
    assert str(tmp_path / "port") in refused.value.next


def test_a_missing_envoy_names_the_alternatives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "envoy", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failure, match="not installed") as refused:
        envoy_place.binary()
    assert "glibc" in refused.value.why
    assert "golive[local]" in refused.value.next


def test_an_envoy_on_the_path_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "envoy"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setitem(sys.modules, "envoy", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert envoy_place.binary() == own.resolve()
