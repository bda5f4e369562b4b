"""Commands of a document as real processes: what they see, what they may not do, how they are ended."""

import asyncio
import hashlib
import os
import sys
import time
from datetime import timedelta

import psutil
import pytest

from golive.drivers import directives as module
from golive.drivers.directives import LocalDirectives
from golive.errors import Failure

ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere", "AWS_SECRET": "s3cret", "SHOP_TOKEN": "t0ken"}


@pytest.fixture
def place(tmp_path):
    (tmp_path / "evidence").mkdir()
    return tmp_path


def script(place, text, name="do.sh"):
    path = place / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return f"./{name}"


def performed(place, *argv, **more):
    given = {"root": place, "evidence": place / "evidence", "environ": ENVIRON, **more}
    return asyncio.run(LocalDirectives(**given).perform(argv))


def test_words_reach_the_script_as_they_are(place):
    odd = ("$(touch made)", "; touch made", "*", "a b", "", "`touch made`", "${HOME}")
    done = performed(place, script(place, 'for word; do printf "<%s>" "$word"; done'), *odd)
    assert done.stdout.decode() == "".join(f"<{word}>" for word in odd)
    assert not (place / "made").exists()


def test_a_script_sees_few_variables_and_no_terminal_and_stands_in_the_folder(place):
    show = script(place, "pwd; env | sort; tty; cat; echo end")
    told = performed(
        place, show, names=frozenset({"SHOP_TOKEN"}), extra={"GOLIVE_PROTOCOL": "p.md"}
    ).stdout.decode()
    assert told.startswith(str(place.resolve()))
    assert "SHOP_TOKEN=t0ken" in told
    assert "GOLIVE_PROTOCOL=p.md" in told
    assert "AWS_SECRET" not in told
    assert "not a tty" in told
    assert told.endswith("end\n")


@pytest.mark.parametrize(
    "argv",
    [
        ("../outside.sh",),
        ("/bin/true",),
        ("link.sh",),
        ("folder",),
        ("quiet.sh",),
        ("python3", "-c", "print(1)"),
        ("python3", "-m", "http.server"),
        ("sh",),
        ("true",),
        ("a\0b",),
    ],
)
def test_what_lies_outside_or_is_no_script_is_refused(place, argv):
    script(place.parent, "touch made", "outside.sh")
    (place / "link.sh").symlink_to(place.parent / "outside.sh")
    (place / "folder").mkdir()
    (place / "quiet.sh").write_text("#!/bin/sh\n")
    with pytest.raises((Failure, ValueError)) as refused:
        performed(place, *argv)
    assert isinstance(refused.value, Failure)
    assert not list(place.rglob("made"))


def test_an_interpreter_runs_a_script_of_the_repository(place):
    (place / "show.py").write_text("import sys; print(sys.argv[1:])")
    done = performed(
        place, "python3", "show.py", "--x", environ={**ENVIRON, "PATH": os.path.dirname(sys.executable)}
    )
    assert done.stdout.decode() == "['--x']\n"


def test_one_that_takes_too_long_is_ended_with_all_that_it_started(place):
    began = time.monotonic()
    done = performed(place, script(place, "sleep 60 & echo $! > child; wait"), timeout=timedelta(seconds=0.3))
    assert done.exit_code is None
    assert "longer than" in done.because
    assert time.monotonic() - began < 30
    child = (place / "child").read_text().strip()
    assert not psutil.pid_exists(int(child)) or psutil.Process(int(child)).status() == psutil.STATUS_ZOMBIE


def test_one_that_prints_without_end_is_ended(place, monkeypatch):
    monkeypatch.setattr(module, "TOO_MUCH_BYTES", 1024 * 1024)
    monkeypatch.setattr(module, "MOST_BYTES", 64 * 1024)
    done = performed(place, script(place, "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done"))
    assert done.exit_code is None
    assert "printed more than" in done.because
    assert len(done.stdout) < 70 * 1024
    assert b"bytes more were printed" in done.stdout


def test_what_it_prints_is_redacted_everywhere(place):
    heard = []
    done = performed(
        place,
        script(place, "echo the token is t0ken; echo t0ken >&2; sleep 0.3"),
        redact=lambda content: content.replace(b"t0ken", b"[redacted]"),
        heard=heard.append,
    )
    assert b"t0ken" not in done.stdout + done.stderr + b"".join(heard)
    assert "t0ken" not in done.because
    assert b"[redacted]" in b"".join(heard)


def test_what_it_wrote_is_told_by_digest(place):
    (place / "evidence" / "old.json").write_text("old")
    done = performed(
        place, script(place, "mkdir -p evidence/operations; printf new > evidence/operations/perf.json")
    )
    assert done.wrote == {"operations/perf.json": hashlib.sha256(b"new").hexdigest()}


def test_odd_names_and_odd_words_are_left_out(place):
    done = performed(
        place, script(place, "touch evidence/$(printf 'a\\377'); printf 'ended\\000\\033[2J badly\\n'; exit 1")
    )
    assert done.wrote == {}
    assert done.because == "ended[2J badly"


def test_the_reason_is_told_before_the_last_line(place):
    done = performed(place, script(place, "echo 'why:  nobody signed' >&2; echo next: sign >&2; exit 3"))
    assert (done.exit_code, done.because) == (3, "why:  nobody signed")
