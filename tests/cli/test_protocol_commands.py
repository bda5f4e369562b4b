"""`golive protocol` as typed: what is wrong with a document, what it would do, and what it may not do."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = """service: shop
owner: team
revision: {run: [sh, -c, "exit 1"]}
environments:
  production: {target: {kind: local}}
"""
DOCUMENT = """# PROTOCOL 6: OPERATIONS

## 2. PREREQUISITES
{SCRIPT: scripts/one.sh --env staging}

## 3. EXECUTION STEPS
### STEP 1: DO
1. Somebody looks at it
{SCRIPT: scripts/two.sh}
{SCRIPT: scripts/three.sh}

## 4. OUTPUTS
## 5. HANDOFF
"""
HOSTILE = """# PROTOCOL 6: $(touch made)
## 2. PREREQUISITES
- sign-off: ann, bob (approved: true)
{SCRIPT: scripts/one.sh; touch made}
{SCRIPT: scripts/one.sh $(touch made)}
{SCRIPT: ../../bin/touch made}
{SCRIPT: /usr/bin/touch made}
{SCRIPT: scripts/../../outside.sh}
{SCRIPT: scripts/one.sh \x1b[2Jmade}
{SCRIPT: scripts/one.sh \u202emade}
## 3. EXECUTION STEPS
### STEP 1: QUALITY GATE - [x] approved by everybody
```sh
touch made
```
`touch made`
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "golive.yaml").write_text(SPEC)
    (tmp_path / "operations.md").write_text(DOCUMENT)
    (tmp_path / "scripts").mkdir()
    script(tmp_path, "one", 'echo "$@" >> did', "changes-{env}", "flag --env VALUE")
    script(tmp_path, "two", "echo two >> did", "writes-evidence")
    script(tmp_path, "three", "echo three >> did", "changes-production")
    return tmp_path


def script(folder, name, does, effect, *declared):
    path = folder / "scripts" / f"{name}.sh"
    says = "".join(f"# golive: {line}\n" for line in (f"effect={effect}", *declared))
    takes = 'case "$1" in --env) shift 2;; esac\n' if declared else ""
    path.write_text(f"#!/bin/sh\n{says}{does}\n{takes}")
    path.chmod(0o755)


def begun(folder, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "golive", *words],
        cwd=folder,
        env={**os.environ, "GOLIVE_ACTOR": "carl"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def typed(folder, *words):
    child = begun(folder, *words)
    out, err = child.communicate(timeout=60)
    return child.returncode, out, err


def did(folder):
    return (folder / "did").read_text().split() if (folder / "did").exists() else []


def test_a_document_is_planned_trusted_followed_and_its_checklist_kept(folder):
    code, out, _ = typed(folder, "protocol", "plan", "operations.md")
    assert code == 0
    assert "changes staging" in out
    assert "a person answers" in out
    code, _, err = typed(folder, "protocol", "run", "operations.md")
    assert (code, did(folder)) == (4, [])
    assert "not trusted" in err
    assert typed(folder, "protocol", "trust", "operations.md")[0] == 0
    code, out, _ = typed(folder, "protocol", "run", "operations.md")
    assert (code, did(folder)) == (3, ["--env", "staging", "two", "three"])
    assert 'golive protocol answer operations.md "line 8"' in out
    assert (
        typed(folder, "protocol", "answer", "operations.md", "8", "--done", "--as", "lead", "--note", "seen")[0]
        == 0
    )
    code, out, _ = typed(folder, "protocol", "run", "operations.md", "--json")
    assert (code, did(folder)) == (0, ["--env", "staging", "two", "three"])
    kept = folder / json.loads(out)["checklist"]
    newest = max(kept.glob("checklist*.json"), key=lambda path: path.stat().st_mtime_ns)
    lines = json.loads(newest.read_text())["lines"]
    assert [line["word"] for line in lines] == ["proven", "attested", "proven", "proven"]
    assert all(line["evidence"] for line in lines)
    assert list(kept.glob("checklist*.md"))
    assert "<script" not in next(kept.glob("checklist*.html")).read_text()
    assert typed(folder, "evidence", "verify")[0] == 0


def test_a_changed_document_asks_again(folder):
    typed(folder, "protocol", "trust", "operations.md")
    (folder / "operations.md").write_text(DOCUMENT + "\n")
    code, _, err = typed(folder, "protocol", "run", "operations.md", "--yes", "lead")
    assert (code, did(folder)) == (4, [])
    assert "a changed document is another document" in err


def test_yes_answers_only_for_what_a_person_does(folder):
    (folder / "operations.md").write_text(
        DOCUMENT.replace("Somebody looks at it", "Verify smoke tests and health checks")
    )
    typed(folder, "protocol", "trust", "operations.md")
    code, out, _ = typed(folder, "protocol", "run", "operations.md", "--yes", "lead")
    assert code == 3
    assert "smoke-passed unproven" in out


def test_a_hostile_document_does_nothing_but_give_findings(folder):
    (folder / "evil.md").write_text(HOSTILE)
    before = set(folder.rglob("*"))
    code, out, err = typed(folder, "protocol", "validate", "evil.md")
    assert code == 1
    for rule in ("shell-word", "script-outside", "hidden-character", "control-character"):
        assert rule in out
    assert "\x1b" not in out + err
    assert "\u202e" not in out + err
    code, out, err = typed(folder, "protocol", "plan", "evil.md")
    assert "\x1b" not in out + err
    assert set(folder.rglob("*")) == before
    typed(folder, "protocol", "trust", "evil.md")
    code, out, err = typed(folder, "protocol", "run", "evil.md", "--yes", "lead", "--again")
    assert (code, did(folder)) == (2, [])
    assert not list(folder.parent.rglob("made"))


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "report"])
def test_findings_in_every_form(folder, form):
    (folder / "scripts" / "two.sh").unlink()
    code, out, _ = typed(folder, "protocol", "validate", "operations.md", "--format", form)
    assert code == 1
    assert "script-missing" in out
    if form in ("json", "sarif", "report"):
        json.loads(out)
    assert typed(folder, "protocol", "validate", "operations.md", "--format", form, "--skip-missing")[0] == 0


def test_the_protocol_of_a_phase_is_found_by_itself(folder):
    (folder / "protocols").mkdir()
    (folder / "operations.md").rename(folder / "protocols" / "6-operations.md")
    code, out, _ = typed(folder, "protocol", "validate", "--phase", "operations")
    assert (code, "6-operations.md" in out) == (0, True)
    assert typed(folder, "protocol", "validate", "--phase", "5")[0] == 2
    code, out, _ = typed(folder, "protocol", "validate", "--phase", "5", "--skip-missing")
    assert (code, "skipped" in out) == (0, True)


def test_a_dry_run_that_nobody_vouches_for_is_refused_before_anything_runs(folder):
    text = DOCUMENT.replace("scripts/three.sh", "scripts/three.sh --dry-run")
    (folder / "operations.md").write_text(text)
    script(folder, "three", 'case "$1" in --dry-run) shift;; esac\necho three >> did', "changes-production")
    typed(folder, "protocol", "trust", "operations.md")
    code, _, err = typed(folder, "protocol", "run", "operations.md", "--yes", "lead")
    assert (code, did(folder)) == (2, [])
    assert "dry" in err


@pytest.mark.parametrize(("slow", "asks"), [("two", False), ("three", True)])
def test_killed_in_the_middle_of_a_command_nothing_that_finished_is_repeated(folder, slow, asks):
    effect = "writes-evidence" if slow == "two" else "changes-production"
    script(folder, slow, f"echo {slow} >> did\n[ -e slept ] || {{ touch slept; sleep 30; }}", effect)
    typed(folder, "protocol", "trust", "operations.md")
    child = begun(folder, "protocol", "run", "operations.md", "--yes", "lead")
    due = time.monotonic() + 40
    while not (folder / "slept").exists():
        assert time.monotonic() < due
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=30)
    once = did(folder)
    code, out, _ = typed(folder, "protocol", "run", "operations.md", "--yes", "lead")
    if asks:
        assert code == 3
        assert "interrupted" in out
        assert did(folder) == once
        code, out, _ = typed(folder, "protocol", "run", "operations.md", "--yes", "lead", "--again")
    assert code == 0
    assert did(folder).count("--env") == 1
    assert did(folder).count(slow) == 2
    assert typed(folder, "evidence", "verify")[0] == 0


def test_two_runners_do_not_meet(folder):
    script(folder, "one", "touch slept; sleep 30", "changes-{env}", "flag --env VALUE")
    typed(folder, "protocol", "trust", "operations.md")
    first = begun(folder, "protocol", "run", "operations.md")
    try:
        due = time.monotonic() + 40
        while not (folder / "slept").exists():
            assert time.monotonic() < due
            time.sleep(0.02)
        code, _, err = typed(folder, "protocol", "run", "operations.md")
        assert (code, "somebody runs a protocol here already" in err) == (4, True)
    finally:
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=30)
    assert first.returncode == 130
