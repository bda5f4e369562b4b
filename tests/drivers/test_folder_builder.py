"""From a service's folder to a revision: what goes in, how it is named, and what happens when it goes wrong."""

import asyncio
import hashlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from golive.drivers.builders.folder import FolderBuilder
from golive.drivers.builders.scrub import scrubbed
from golive.errors import Exit, Failure
from golive.evidence.record import Artifact
from golive.evidence.redaction import Redactor
from golive.release.revision import Revision
from golive.spec.values import (
    Build,
    Change,
    Environment,
    Objectives,
    SecretRef,
    Spec,
    Strategy,
    TargetChoice,
)

SENTINEL = "sentinel-77aa"
LONG_AGO = 1_000_000_000


class Workshop:
    """A service's folder, its builder, and the artifacts that were kept."""

    def __init__(self, root: Path) -> None:
        self.root, self.state = root, root / ".golive"
        self.logs: dict[str, bytes] = {}
        self.builder = FolderBuilder(root, self.state, keep=self.keep, redactor=Redactor({"KEY": SENTINEL}))
        self.write("app.py", "print('hello')\n")

    def keep(self, path: str, content: bytes, media_type: str) -> Artifact:
        self.logs[path] = content
        digest = hashlib.sha256(content).hexdigest()
        return Artifact(path=path, sha256=digest, size_bytes=len(content), media_type=media_type)

    def write(self, path: str, text: str, mode: int = 0o644) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(mode)
        return place

    def build(
        self, *command: str, rebuild: bool = False, own: Environment | None = None, **more: object
    ) -> Revision:
        builder = replace(self.builder, rebuild=rebuild)
        wanted = replace(BUILD, build=command, **more)  # type: ignore[arg-type]
        revision, _ = asyncio.run(builder.build(replace(SPEC, revision=wanted), own or PRODUCTION))
        return revision

    def shell(self, script: str, **more: object) -> Revision:
        return self.build("/bin/sh", "-c", script, **more)  # type: ignore[arg-type]

    def files(self, revision: Revision) -> Path:
        return self.state / "revisions" / revision.digest / "files"

    def contents(self, revision: Revision) -> list[str]:
        root = self.files(revision)
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())

    def verify(self, revision: Revision) -> None:
        asyncio.run(self.builder.shelf.verify(revision.digest))

    def revisions(self) -> list[str]:
        place = self.state / "revisions"
        return sorted(path.name for path in place.iterdir()) if place.exists() else []


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


PRODUCTION = Environment(
    name="production", target=TargetChoice(kind="local"), instances=1, strategy=Strategy(kind="all-at-once")
)
BUILD = Build(include=("**",), exclude=(".golive/**",), build=(), run=("python3", "app.py"))
SPEC = Spec(
    service="tiny",
    owner="ann",
    revision=BUILD,
    health=(),
    smoke=None,
    objectives=Objectives(),
    environments={"production": PRODUCTION},
    change=Change(),
    digest="0" * 64,
    source="golive.yaml",
)


# What is in a revision


def test_without_a_build_command_the_included_files_are_the_revision(shop: Workshop) -> None:
    shop.write("static/logo.svg", "<svg/>")
    shop.write("notes.txt", "private")
    revision = shop.build(exclude=(".golive/**", "notes.txt"))
    assert shop.contents(revision) == ["app.py", "static/logo.svg"]
    assert revision.settings == ""
    shop.verify(revision)


def test_the_command_works_in_a_copy_and_its_results_are_in_the_revision(shop: Workshop) -> None:
    revision = shop.shell("cat app.py > copy.py; rm app.py; mkdir empty")
    assert shop.contents(revision) == ["copy.py"]
    assert (shop.files(revision) / "empty").is_dir()
    assert (shop.root / "app.py").exists()


def test_how_it_is_run_is_part_of_it(shop: Workshop) -> None:
    secrets = {"KEY": SecretRef(source="env", name="API_KEY")}
    revision = shop.build(env={"A": "1"}, secrets=secrets)
    manifest = json.loads((shop.files(revision).parent / "revision.json").read_bytes())
    assert manifest == {
        "service": "tiny",
        "run": ["python3", "app.py"],
        "env": {"A": "1"},
        "secrets": {"KEY": {"source": "env", "name": "API_KEY"}},
    }


def test_nobody_can_write_to_its_files_and_programs_stay_executable(shop: Workshop) -> None:
    shop.write("tool", "#!/bin/sh\n", mode=0o4775)
    revision = shop.build()
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in shop.files(revision).iterdir()}
    assert modes == {"app.py": 0o400, "tool": 0o500}


def test_what_an_interpreter_leaves_behind_is_left_out(shop: Workshop) -> None:
    plain = shop.shell("true")
    littered = shop.shell("mkdir -p __pycache__ lib/__pycache__; touch __pycache__/a.pyc lib/__pycache__/b.pyc")
    assert shop.contents(littered) == ["app.py"]
    assert shop.contents(plain) == ["app.py"]
    (shop.files(plain) / "__pycache__").mkdir()
    (shop.files(plain) / "__pycache__" / "app.pyc").write_bytes(b"x")
    shop.verify(plain)


# Its name


def test_the_same_input_gives_the_same_digest_also_when_it_is_built_again(shop: Workshop) -> None:
    script = "echo $RANDOM >/dev/null; echo $HOME $TMPDIR $PWD $SOURCE_DATE_EPOCH > paths; cp app.py b.py"
    first = shop.shell(script)
    assert shop.shell(script) == first
    time.sleep(0.01)  # another instant, other times on the files
    assert shop.shell(script, rebuild=True) == first
    assert shop.revisions() == [first.digest]


def test_the_same_files_in_another_folder_have_the_same_digest(shop: Workshop, tmp_path: Path) -> None:
    other = Workshop(tmp_path / "elsewhere")
    (other.root / "app.py").chmod(0o600)
    assert other.build() == shop.build(exclude=(".golive/**", "elsewhere/**"))


def edit_bytes(shop: Workshop) -> None:
    shop.write("app.py", "print('hullo')\n")


def edit_mode(shop: Workshop) -> None:
    (shop.root / "app.py").chmod(0o755)


def edit_name(shop: Workshop) -> None:
    (shop.root / "app.py").rename(shop.root / "api.py")


def edit_kind(shop: Workshop) -> None:
    (shop.root / "app.py").rename(shop.root / "b.py")
    (shop.root / "app.py").symlink_to("b.py")


@pytest.mark.parametrize("edit", [edit_bytes, edit_mode, edit_name, edit_kind])
def test_any_change_to_the_files_changes_the_digest(shop: Workshop, edit: object) -> None:
    before = shop.build()
    assert callable(edit)
    edit(shop)
    assert shop.build().digest != before.digest


@pytest.mark.parametrize(
    "change",
    [
        {"run": ("python3", "app.py", "-v")},
        {"env": {"A": "1"}},
        {"secrets": {"A": SecretRef(source="env", name="A")}},
    ],
)
def test_how_it_is_run_changes_the_digest(shop: Workshop, change: dict[str, object]) -> None:
    assert shop.build(**change).digest != shop.build().digest  # type: ignore[arg-type]


def test_the_settings_of_an_environment_are_named_apart_from_the_build(shop: Workshop) -> None:
    own = replace(PRODUCTION, env={"LEVEL": "debug"}, secrets={"K": SecretRef(source="file", name="k")})
    plain, set_ = shop.build(), shop.build(own=own)
    assert (plain.digest, plain.settings) == (set_.digest, "")
    assert set_.settings
    assert set_.name != plain.name
    assert shop.build(own=replace(own, env={"LEVEL": "info"})).settings != set_.settings
    kept = shop.state / "environments" / "production" / "settings" / f"{set_.settings}.json"
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == set_.settings


# Building twice


def test_a_second_build_of_the_same_input_runs_nothing(shop: Workshop, tmp_path: Path) -> None:
    script = f"echo built >> {tmp_path.parent}/{tmp_path.name}.count"
    count = tmp_path.with_name(f"{tmp_path.name}.count")
    shop.shell(script)
    shop.shell(script)
    assert count.read_text() == "built\n"
    shop.shell(script, rebuild=True)
    assert count.read_text() == "built\nbuilt\n"
    shop.write("app.py", "print('other')\n")
    shop.shell(script)
    assert count.read_text() == "built\nbuilt\nbuilt\n"


def test_two_builds_at_once_take_turns_and_the_second_finds_the_first(shop: Workshop, tmp_path: Path) -> None:
    count = tmp_path.with_name(f"{tmp_path.name}.count")
    spec = replace(SPEC, revision=replace(BUILD, build=("/bin/sh", "-c", f"echo built >> {count}; sleep 0.3")))

    async def both() -> list[tuple[Revision, tuple[Artifact, ...]]]:
        return await asyncio.gather(*(shop.builder.build(spec, PRODUCTION) for _ in range(2)))

    (first, _), (second, _) = asyncio.run(both())
    assert first == second
    assert count.read_text() == "built\n"


# What the command may see


def test_the_command_sees_what_registries_need_and_nothing_else_of_the_operator() -> None:
    environ = {
        "PATH": "/bin",
        "HOME": "/home/ann",
        "API_KEY": SENTINEL,
        "AWS_SECRET_ACCESS_KEY": SENTINEL,
        "PIP_INDEX_URL": "https://registry.test",
        "npm_config_registry": "https://registry.test",
        "HTTPS_PROXY": "http://proxy.test",
        "no_proxy": "localhost",
        "SSL_CERT_FILE": "/etc/ca.pem",
        "PYTHONPATH": "/home/ann/lib",
        "LD_PRELOAD": "x.so",
    }
    seen = scrubbed(environ, home=Path("/h"), temp=Path("/t"), cache=Path("/c"))
    kept = {name for name in seen if environ.get(name) == seen[name]}
    assert kept == {"PATH", "PIP_INDEX_URL", "npm_config_registry", "HTTPS_PROXY", "no_proxy", "SSL_CERT_FILE"}
    assert (seen["HOME"], seen["TMPDIR"], seen["LANG"]) == ("/h", "/t", "C.UTF-8")
    assert SENTINEL not in str(seen)


def test_settings_of_package_tools_in_the_home_folder_are_used(tmp_path: Path) -> None:
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    (tmp_path / ".config" / "pip" / "pip.conf").write_text("[global]\n")
    (tmp_path / ".npmrc").write_text("")
    seen = scrubbed({"HOME": str(tmp_path)}, home=Path("/h"), temp=Path("/t"), cache=Path("/c"))
    assert seen["PIP_CONFIG_FILE"] == str(tmp_path / ".config/pip/pip.conf")
    assert seen["npm_config_userconfig"] == str(tmp_path / ".npmrc")
    chosen = scrubbed({"HOME": str(tmp_path), "PIP_CONFIG_FILE": "/etc/p"}, home=Path(), temp=Path(), cache=Path())
    assert chosen["PIP_CONFIG_FILE"] == "/etc/p"


def test_the_command_gets_the_variables_of_the_build_and_no_secret(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_KEY", SENTINEL)
    secrets = {"API_KEY": SecretRef(source="env", name="API_KEY")}
    revision = shop.shell("env > seen", env={"MODE": "fast"}, secrets=secrets)
    seen = (shop.files(revision) / "seen").read_text()
    assert "MODE=fast\n" in seen
    assert SENTINEL not in seen


# When it goes wrong


def test_a_failing_command_is_told_with_its_last_words_redacted_and_its_log_kept(shop: Workshop) -> None:
    with pytest.raises(Failure) as failed:
        shop.shell(f"echo compiling; echo token {SENTINEL}; exit 7")
    said = "\n".join(failed.value.lines())
    assert "exited 7" in said
    assert "compiling" in said
    assert SENTINEL not in said
    (path,) = shop.logs
    assert f"evidence/{path}" in failed.value.next
    assert b"compiling" in shop.logs[path]
    assert shop.revisions() == []


def test_a_command_that_does_not_exist_is_told(shop: Workshop) -> None:
    with pytest.raises(Failure, match="cannot be run"):
        shop.build("no-such-compiler")


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(shop: Workshop, tmp_path: Path) -> None:
    note = tmp_path / "child"
    began = time.monotonic()
    with pytest.raises(Failure, match="failed") as failed:
        shop.shell(f"sleep 600 & echo $! > {note}; wait", build_timeout=timedelta(seconds=0.5))
    assert "did not end within 0.5 s" in failed.value.why
    assert time.monotonic() - began < 20
    assert has_ended(int(note.read_text()))


def test_what_a_command_leaves_running_is_ended(shop: Workshop, tmp_path: Path) -> None:
    note = tmp_path / "child"
    shop.shell(f"sleep 600 & echo $! > {note}")
    assert has_ended(int(note.read_text()))


def has_ended(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return True


def test_a_build_that_is_given_up_ends_its_command(shop: Workshop, tmp_path: Path) -> None:
    note = tmp_path / "child"
    spec = replace(SPEC, revision=replace(BUILD, build=("/bin/sh", "-c", f"echo $$ > {note}; sleep 600")))

    async def given_up() -> None:
        build = asyncio.ensure_future(shop.builder.build(spec, PRODUCTION))
        await asyncio.to_thread(written, note)
        build.cancel()
        with pytest.raises(asyncio.CancelledError):
            await build

    asyncio.run(given_up())
    assert has_ended(int(note.read_text()))


def written(note: Path) -> None:
    deadline = time.monotonic() + 10
    while not (note.exists() and note.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_long_log_keeps_its_beginning_and_its_end(shop: Workshop) -> None:
    shop.build(sys.executable, "-c", "print('first'); print('x' * 3_000_000); print('last')")
    (log,) = shop.logs.values()
    assert len(log) < 1_200_000
    assert log.startswith(b"first\n")
    assert b"bytes left out" in log
    assert log.endswith(b"last\n")


def link(shop: Workshop, target: str) -> None:
    (shop.root / "link").symlink_to(target)


@pytest.mark.parametrize("target", ["/etc/hostname", "../outside", "sub/../../outside", "link"])
def test_a_link_that_leaves_the_folder_is_refused(shop: Workshop, target: str) -> None:
    (shop.root / "sub").mkdir()
    if target == "link":
        shop.root.joinpath("up").symlink_to("..")
        target = "up/outside"
    link(shop, target)
    with pytest.raises(Failure, match="leaves the folder") as refused:
        shop.build()
    assert refused.value.code is Exit.USAGE


def test_an_absolute_link_is_refused_wherever_it_points(shop: Workshop) -> None:
    with pytest.raises(Failure, match="leaves the folder"):
        shop.shell('ln -s "$PWD/app.py" again')


def test_a_link_that_the_command_made_out_of_the_folder_is_refused(shop: Workshop) -> None:
    with pytest.raises(Failure, match="leaves the folder"):
        shop.shell("ln -s /usr/bin/env python")
    assert shop.revisions() == []


def test_a_link_within_the_folder_stays_a_link(shop: Workshop) -> None:
    link(shop, "app.py")
    revision = shop.build()
    assert os.readlink(shop.files(revision) / "link") == "app.py"
    shop.verify(revision)


def test_a_pipe_or_socket_is_refused_unless_left_out(shop: Workshop) -> None:
    os.mkfifo(shop.root / "pipe")
    with pytest.raises(Failure, match="cannot hold this"):
        shop.build()
    with socket.socket(socket.AF_UNIX) as listener:
        os.unlink(shop.root / "pipe")
        here = Path.cwd()
        os.chdir(shop.root)  # a socket's path has little room
        try:
            listener.bind("sock")
        finally:
            os.chdir(here)
        with pytest.raises(Failure, match="cannot hold this"):
            shop.build()
        assert shop.contents(shop.build(exclude=(".golive/**", "sock"))) == ["app.py"]


def test_a_named_file_that_is_missing_and_an_empty_choice_are_told(shop: Workshop) -> None:
    with pytest.raises(Failure, match="no such file"):
        shop.build(include=("app.py", "requirements.txt"))
    with pytest.raises(Failure, match="no file matches"):
        shop.build(include=("*.rs",))


# A revision is never changed


def add(files: Path) -> None:
    (files / "planted.py").write_text("x")


def change(files: Path) -> None:
    (files / "app.py").chmod(0o600)
    (files / "app.py").write_text("print('hullo')\n")


def remove(files: Path) -> None:
    (files / "app.py").unlink()


def make_executable(files: Path) -> None:
    (files / "app.py").chmod(0o500)


def relink(files: Path) -> None:
    (files / "app.py").unlink()
    (files / "app.py").symlink_to("other.py")


def empty_folder(files: Path) -> None:
    (files / "new").mkdir()


def manifest(files: Path) -> None:
    place = files.parent / "revision.json"
    place.chmod(0o600)
    place.write_bytes(place.read_bytes().replace(b"python3", b"python2"))


def beside(files: Path) -> None:
    (files.parent / "more").write_text("x")


DAMAGE = [
    (add, "files/planted.py was added"),
    (change, "files/app.py was changed"),
    (remove, "files/app.py is missing"),
    (make_executable, "files/app.py was changed"),
    (relink, "files/app.py was changed"),
    (empty_folder, "files/new was added"),
    (manifest, "revision.json was changed"),
    (beside, "more was added"),
]


@pytest.mark.parametrize(("damage", "told"), DAMAGE)
def test_every_change_is_found_and_named(shop: Workshop, damage: object, told: str) -> None:
    revision = shop.build()
    assert callable(damage)
    damage(shop.files(revision))
    with pytest.raises(Failure, match="hash") as found:
        shop.verify(revision)
    assert found.value.why == told
    assert found.value.code is Exit.TAMPERED


def test_a_change_is_found_even_when_the_list_was_changed_with_it(shop: Workshop) -> None:
    revision = shop.build()
    change(shop.files(revision))
    (shop.files(revision).parent / "contents").write_bytes(b"golive-content-1\0")
    with pytest.raises(Failure, match="hash"):
        shop.verify(revision)


def test_changed_settings_are_refused(shop: Workshop) -> None:
    revision = shop.build(own=replace(PRODUCTION, env={"LEVEL": "debug"}))
    (kept,) = (shop.state / "environments" / "production" / "settings").iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"debug", b"trace"))
    with pytest.raises(Failure, match="hash"):
        asyncio.run(shop.builder.shelf.open(revision, "production"))


def test_a_revision_that_is_not_there_is_told(shop: Workshop) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        shop.verify(Revision(digest="0" * 64))
    with pytest.raises(Failure, match="no digest"):
        shop.verify(Revision(digest="../../etc"))


def test_a_damaged_revision_is_replaced_by_the_next_build(shop: Workshop) -> None:
    revision = shop.build()
    change(shop.files(revision))
    assert shop.build() == revision
    shop.verify(revision)


def test_an_undamaged_one_stays_the_same_folder(shop: Workshop) -> None:
    revision = shop.build()
    before = (shop.files(revision) / "app.py").stat().st_ino
    shop.build(rebuild=True)
    assert (shop.files(revision) / "app.py").stat().st_ino == before


# Retiring


def test_revisions_that_nobody_needs_are_deleted_but_not_one_that_was_built_just_now(shop: Workshop) -> None:
    old = shop.shell("mkdir -m 500 locked; echo old > v")
    needed = shop.shell("echo needed > v")
    new = shop.shell("echo new > v")
    for revision in (old, needed):
        os.utime(shop.files(revision).parent, (LONG_AGO, LONG_AGO))
    shop.builder.retire({needed.digest})
    assert shop.revisions() == sorted([needed.digest, new.digest])
    shop.verify(needed)


def test_one_that_is_found_again_counts_as_built_just_now(shop: Workshop) -> None:
    revision = shop.build()
    os.utime(shop.files(revision).parent, (LONG_AGO, LONG_AGO))
    shop.build()
    shop.builder.retire(frozenset())
    assert shop.revisions() == [revision.digest]


def test_a_retirement_that_was_interrupted_is_finished_by_the_next(shop: Workshop) -> None:
    revision = shop.build()
    half = shop.files(revision).parent.rename(shop.state / "revisions" / f"{revision.digest}.retired")
    (half / "contents").unlink()
    os.utime(half, (LONG_AGO, LONG_AGO))
    shop.builder.retire(frozenset())
    assert shop.revisions() == []


# Crashes and full disks

KILLED = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_folder_builder import Workshop, replace, SPEC, BUILD, PRODUCTION
shop = Workshop(Path(sys.argv[1]))
command = ("/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8; do echo $i > f$i; done")
spec = replace(SPEC, revision=replace(BUILD, build=command))
print("ready", flush=True)
asyncio.run(shop.builder.build(spec, PRODUCTION))
print("built", flush=True)
"""


def test_a_build_that_is_killed_at_any_moment_leaves_no_half_revision(shop: Workshop) -> None:
    points, delay = 0, 0.0
    while not (whole := killed_after(shop, delay)) or points < 5:
        points += not whole
        delay = 0.0 if whole else delay + 0.004
        for digest in shop.revisions():
            shop.verify(Revision(digest=digest))
            subprocess.run(["rm", "-rf", str(shop.state / "revisions")], check=True)
        assert delay < 5
    shop.shell("true")
    assert not (shop.state / "builds" / "work").exists()


def killed_after(shop: Workshop, delay: float) -> bool:
    """Kill a build `delay` seconds after it began; whether it was done before."""
    command = [sys.executable, "-c", KILLED, str(shop.root), str(Path(__file__).parent)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    assert child.stdout.readline() == "ready\n"
    time.sleep(delay)  # not to wait for something: the moment is the test
    child.send_signal(signal.SIGKILL)
    done = child.stdout.read() == "built\n"
    child.wait()
    return done


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_told_and_leaves_no_half_revision(small_disk: Path) -> None:
    shop = Workshop(small_disk)
    shop.write("large", "x" * 700_000)
    with pytest.raises(Failure, match="the disk is full"):
        shop.build()
    assert shop.revisions() == []
    (shop.root / "large").write_text("small")
    shop.verify(shop.build())
