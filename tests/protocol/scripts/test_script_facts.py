"""Looking at scripts on disk: inside the root, regular files only, bounded, and without running them."""

import os
import stat
from pathlib import Path

import pytest
from protocol_drafts import Draft

from golive.drivers.scripts import facts
from golive.drivers.scripts.facts import gather
from golive.protocol.lint import lint


def place(root, path, text="#!/bin/sh\necho hi\n", mode=0o755):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


def look(root, *paths, **more):
    draft = Draft().step("1")
    for path in paths:
        draft.run(f"{path} --env staging", argv=(path, "--env", "staging"))
    return gather(root, draft.document(), beside=root, **more).scripts


def test_a_script_as_it_is_on_disk(tmp_path):
    place(tmp_path, "scripts/go.sh", "#!/bin/sh\ndeploy $1\n")
    place(tmp_path, "scripts/stop.py", "print(1)\n", mode=0o644)
    found = look(tmp_path, "./scripts/go.sh", "scripts/stop.py", "scripts/gone.sh")
    assert found["scripts/go.sh"].executable
    assert found["scripts/go.sh"].first_line == "#!/bin/sh"
    assert found["scripts/go.sh"].contract.leading == 1
    assert not found["scripts/stop.py"].executable
    assert found["scripts/stop.py"].contract.ignores
    assert found["scripts/gone.sh"].state == "missing"


@pytest.mark.parametrize("path", ["../outside.sh", "/opt/deploy.sh", "scripts/../../outside.sh"])
def test_a_path_that_leads_out_is_not_looked_at(tmp_path, path):
    place(tmp_path, "outside.sh")
    root = tmp_path / "root"
    (root / "scripts").mkdir(parents=True)
    found = look(root, path)[path]
    assert (found.state, found.why) == ("outside", "leads out of the repository")


def test_a_link_that_leads_out_is_not_followed_and_one_that_stays_inside_is(tmp_path):
    place(tmp_path, "outside.sh")
    root = tmp_path / "root"
    place(root, "real/go.sh")
    (root / "out.sh").symlink_to(tmp_path / "outside.sh")
    (root / "away").symlink_to(tmp_path)
    (root / "in.sh").symlink_to("real/go.sh")
    found = look(root, "./out.sh", "away/outside.sh", "./in.sh")
    assert found["out.sh"].state == "outside"
    assert found["away/outside.sh"].state == "outside"
    assert found["in.sh"].state == "file"


def test_a_link_that_appears_after_the_look_is_not_followed(tmp_path):
    place(tmp_path, "outside.sh")
    root = tmp_path / "root"
    (root / "scripts").mkdir(parents=True)
    (root / "scripts/x.sh").symlink_to(tmp_path / "outside.sh")
    with pytest.raises(OSError):
        facts._open(root, root / "scripts/x.sh")
    (root / "away").symlink_to(tmp_path)
    with pytest.raises(OSError):
        facts._open(root, root / "away/outside.sh")


def test_what_is_no_regular_file_is_not_read(tmp_path):
    (tmp_path / "folder.sh").mkdir()
    os.mkfifo(tmp_path / "pipe.sh")  # opening it would wait for a writer
    (tmp_path / "large.sh").write_text("#" * (facts.LARGEST + 1))
    (tmp_path / "loop.sh").symlink_to("loop.sh")
    found = look(tmp_path, "folder.sh", "pipe.sh", "large.sh", "loop.sh")
    assert {path: one.state for path, one in found.items()} == dict.fromkeys(found, "unreadable")


def test_all_scripts_together_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(facts, "MOST_BYTES", 100)
    place(tmp_path, "a/1.sh", "#!/bin/sh\n" + "#" * 80)
    place(tmp_path, "a/2.sh", "#!/bin/sh\n" + "#" * 80)
    found = look(tmp_path, "a/1.sh", "a/2.sh")
    assert [one.state for one in found.values()] == ["file", "unreadable"]


def test_looking_runs_nothing(tmp_path):
    place(tmp_path, "x.py", f"#!/usr/bin/env python3\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    place(tmp_path, "x.sh", f"#!/bin/sh\n: > {tmp_path / 'ran'}\n")
    look(tmp_path, "x.py", "x.sh")
    assert not (tmp_path / "ran").exists()


HELPFUL = """#!/bin/sh
# golive: effect=changes-{env}
if [ "$*" = --help ]; then
  echo "usage: go [options]"
  echo "  -e, --env {staging,production}  where"
  echo "  --[no-]fast   quickly"
  echo "  --dry-run"
  echo "  --log[=FILE]  log"
  env > "$HOME/env"; cat "$HOME/env" >> RAN
fi
exec other "$@"
"""


def test_only_a_script_that_is_called_safe_is_asked_for_help(tmp_path):
    place(tmp_path, "go.sh", HELPFUL.replace("RAN", str(tmp_path / "ran")))
    unasked = look(tmp_path, "./go.sh")["go.sh"].contract
    assert not unasked.known
    assert not (tmp_path / "ran").exists()
    asked = look(tmp_path, "./go.sh", safe=frozenset({"go.sh"}))["go.sh"].contract
    assert (asked.language, asked.known, asked.effect) == ("help", True, "changes-{env}")
    assert [option.names for option in asked.options] == [
        ("-e", "--env"),
        ("--fast", "--no-fast"),
        ("--dry-run",),
        ("--log",),
    ]
    assert asked.options[0].choices == ("staging", "production")
    assert [option.takes for option in asked.options] == ["value", "none", "none", "optional"]
    assert asked.dry_run == "named"


def test_a_script_that_is_asked_sees_nothing_of_the_operators_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("CLOUD_TOKEN", "a-secret")
    place(tmp_path, "go.sh", HELPFUL.replace("RAN", str(tmp_path / "ran")))
    look(tmp_path, "./go.sh", safe=frozenset({"go.sh"}))
    seen = (tmp_path / "ran").read_text()
    assert "PATH=" in seen
    assert "CLOUD_TOKEN" not in seen
    assert str(tmp_path) not in seen.replace(str(tmp_path / "ran"), "")


def test_a_script_that_prints_without_end_or_never_ends_is_cut(tmp_path, monkeypatch):
    from golive.drivers.scripts import help

    monkeypatch.setattr(help, "PATIENCE_SECONDS", 0.5)
    place(tmp_path, "loud.sh", '#!/bin/sh\necho "  --env X"\nexec yes "  --more X" ; "$@"\n')
    place(tmp_path, "slow.sh", '#!/bin/sh\necho "  --env X"\nsleep 1000; "$@"\n')
    found = look(tmp_path, "loud.sh", "slow.sh", safe=frozenset({"loud.sh", "slow.sh"}))
    assert found["loud.sh"].contract.language == "help"
    assert found["slow.sh"].contract.options[0].names == ("--env",)


def test_a_safe_script_that_cannot_be_started_stays_unknown(tmp_path):
    place(tmp_path, "go.sh", '#!/no/such/shell\nexec x "$@"\n')
    contract = look(tmp_path, "./go.sh", safe=frozenset({"go.sh"}))["go.sh"].contract
    assert not contract.known
    place(tmp_path, "no.sh", '#!/bin/sh\nexec x "$@"\n', mode=stat.S_IRUSR)
    contract = look(tmp_path, "./no.sh", safe=frozenset({"no.sh"}))["no.sh"].contract
    assert "could not be asked" in contract.notes[-1].text


def test_references_are_looked_for_beside_the_document_and_below_the_root(tmp_path):
    place(tmp_path, "docs/run.md")
    place(tmp_path, "protocols/4-audit.md")
    place(tmp_path.parent, "elsewhere.md")
    draft = Draft().step("1").item("See [run](../docs/run.md) and [top](docs/run.md), apply `4-audit.md`.")
    draft.item("See [none](none.md) and [out](../../elsewhere.md).")
    document = draft.document()
    around = gather(tmp_path, document, beside=tmp_path / "protocols")
    assert around.exists == {"../docs/run.md": True, "docs/run.md": True, "4-audit.md": True, "none.md": False}
    assert [one.rule for one in lint(document, around)] == ["manual-step", "reference-missing"]


def test_every_disease_is_found_on_disk_as_it_is_by_hand():
    diseases = Path(__file__).parent / "diseases"
    found = look(diseases, *(f"./{one.name}" for one in sorted(diseases.iterdir()) if one.is_file()))
    assert {one.state for one in found.values()} == {"file"}
    assert found["rollback_backend.sh"].contract.positionals == (2, 2)
