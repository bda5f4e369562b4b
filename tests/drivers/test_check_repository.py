"""Secrets in a repository: found by value, looks and randomness; digests, UUIDs and lock files left alone."""

import asyncio
import base64
import hashlib
import os
import random
import shutil
import string
import subprocess
import uuid

import pytest

from golive.controller.readiness import exercise
from golive.drivers.checks.entropy import random_values
from golive.drivers.checks.repository import SecretsNotInRepository

WORD = "correct-horse-battery"
DRAWN = random.Random(20261123)
KEY = "AKIA" + "ABCDEFGHIJKLMNOP"


@pytest.fixture
def scratch(tmp_path_factory):
    return lambda: str(tmp_path_factory.mktemp("scratch"))


def git(folder, *words):
    if shutil.which("git") is None:
        pytest.skip("git is not here")
    named = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *named, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "app.py").write_text("print('hello')\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def searched(repository, scratch, **changes):
    check = SecretsNotInRepository(root=repository, secrets={"PASSWORD": WORD}, **changes)
    found = asyncio.run(exercise(check, scratch))
    assert found.control == "red"
    return found.exercised


def token(length, alphabet=string.ascii_letters + string.digits):
    return "".join(DRAWN.choice(alphabet) for _ in range(length))


FOUND = {
    "looks like a key": f"key = {KEY}",
    "the value of a secret": f"the password is {WORD}",
    "the value in base64": base64.b64encode(WORD.encode()).decode(),
    "a private key": "-----BEGIN OPENSSH PRIVATE KEY-----\nabc",
    "a random token": 'API_TOKEN = "q7Xw3Zr9Lk2Vb8Tn4Ms6"',
    "a random password": "db_password: q7Xw3Zr9Lk2Vb8Tn4Ms6",
}
NOT_FOUND = {
    "nothing": "",
    "a digest": "--hash=sha256:" + "0123456789abcdef" * 4,
    "a digest under a name": "secret_file_sha = " + hashlib.sha256(b"x").hexdigest(),
    "a digest as a token": "token: " + hashlib.sha1(b"x").hexdigest(),
    "an integrity hash": '"token": "sha512-' + base64.b64encode(hashlib.sha512(b"x").digest()).decode() + '"',
    "a UUID": f"token: {uuid.UUID(int=DRAWN.getrandbits(128))}",
    "what a program fills in": "password: ${DATABASE_PASSWORD_2026}",
    "a name in code": "token = get_the_token_from_environment_v2(settings)",
    "words": "secret_name: my-service-production-credentials",
    "binary": "\0" + WORD,
}


@pytest.mark.parametrize("content", FOUND.values(), ids=FOUND)
def test_a_secret_is_found_and_its_text_is_not_told(repository, scratch, content):
    (repository / "settings.ini").write_text(content)
    said = searched(repository, scratch)
    told = said.because + said.next + str(said.facts)
    assert said.answer == "refuted"
    assert "settings.ini" in told
    for part in (WORD, KEY, "q7Xw3Zr9", hashlib.sha256(content.encode()).hexdigest()[:16]):
        assert part not in told


@pytest.mark.parametrize("content", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_only_resembles_one_is_left_alone(repository, scratch, content):
    (repository / "settings.ini").write_text(content)
    assert searched(repository, scratch).answer == "proven"


@pytest.mark.parametrize(
    ("draw", "least"),
    [
        (lambda: token(20), 0.7),
        (lambda: token(32), 0.9),
        (lambda: token(32, "0123456789abcdef"), 0.9),
        (lambda: base64.b64encode(DRAWN.randbytes(32)).decode(), 0.9),
    ],
    ids=["20 letters and digits", "32 letters and digits", "32 hex", "32 bytes in base64"],
)
def test_most_random_values_under_a_telling_name_are_seen(draw, least):
    seen = sum(bool(list(random_values(f'API_TOKEN = "{draw()}"\n'.encode()))) for _ in range(500))
    assert seen >= least * 500


def test_digests_and_uuids_are_never_taken_for_random_values():
    for _ in range(500):
        for length in (40, 56, 64, 96, 128):
            assert not list(random_values(b"token: " + token(length, "0123456789abcdef").encode()))
        assert not list(random_values(f"token: {uuid.UUID(int=DRAWN.getrandbits(128))}".encode()))


def allowance(path, line):
    return f"{path}:{hashlib.sha256(line.encode()).hexdigest()}"


@pytest.mark.parametrize("end", ["\n", "", "\r\n"])
def test_a_line_is_allowed_in_its_file_as_long_as_it_stays_the_same(repository, scratch, end):
    line = f"key = {KEY}{end}"
    (repository / "settings.ini").write_bytes(("# a fixture\n" + line).encode())
    assert searched(repository, scratch, allowed=[allowance("settings.ini", line)]).answer == "proven"
    assert searched(repository, scratch, allowed=[allowance("other.ini", line)]).answer == "refuted"
    assert searched(repository, scratch, allowed=[allowance("settings.ini", line + " ")]).answer == "refuted"


def test_the_value_of_a_secret_is_never_allowed(repository, scratch):
    line = f"api_token = {WORD}\n"
    (repository / "settings.ini").write_text(line)
    said = searched(repository, scratch, allowed=[allowance("settings.ini", line)])
    assert (said.answer, "not_secrets" in said.next) == ("refuted", False)


def test_what_is_told_to_do_allows_the_line(repository, scratch):
    (repository / "a file.ini").write_text(f"# a fixture\nkey = {KEY}\n")
    command = searched(repository, scratch).next.rpartition("readiness.not_secrets: ")[2]
    made = subprocess.run(["sh", "-c", command], cwd=repository, capture_output=True, text=True, check=True)
    line = "a file.ini:" + made.stdout.split()[0]
    assert searched(repository, scratch, allowed=[line]).answer == "proven"


def test_a_file_that_is_new_is_searched_and_one_that_git_ignores_is_not(repository, scratch):
    (repository / "secret.txt").write_text(WORD)
    assert searched(repository, scratch).answer == "refuted"
    (repository / ".gitignore").write_text("secret.txt\n")
    assert searched(repository, scratch).answer == "proven"


def test_every_find_is_in_the_facts_though_few_are_told(repository, scratch):
    for number in range(9):
        (repository / f"{number}.ini").write_text(f"# {number}\nkey = {KEY}\n")
    said = searched(repository, scratch)
    assert said.because.endswith("; and 4 more")
    assert [said.facts[f"found {number}"] for number in (1, 9)] == ["0.ini:2: aws-key-id", "8.ini:2: aws-key-id"]


def test_a_name_that_is_no_text_can_be_told(repository, scratch):
    odd = os.fsencode(repository) + b"/odd-\xff.ini"
    try:
        with open(odd, "wb") as file:  # noqa: PTH123
            file.write(KEY.encode())
    except OSError:
        pytest.skip("this file system takes only names that are text")
    assert searched(repository, scratch).because.encode() == b"odd-\\xff.ini:1: aws-key-id"


def test_outside_git_nothing_is_proven(tmp_path, scratch):
    assert searched(tmp_path, scratch).answer == "nothing"
