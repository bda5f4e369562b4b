"""What the documents promise is there: links, commands, decisions, changelog; and nothing private slipped in."""

import json
import re
import runpy
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from golive.cli import COMMANDS, golive
from golive.judge.performance.perfschema import SCHEMA

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=False,
).stdout.split()
FIXTURES = "tests/protocol/documents/"  # documents to be read, some of them no text at all
PAGES = [
    name for name in TRACKED if name.endswith(".md") and (ROOT / name).exists() and not name.startswith(FIXTURES)
]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page):
    text = (ROOT / page).read_text()
    broken = [link for link in LINK.findall(text) if not (ROOT / page).parent.joinpath(link).exists()]
    assert not broken


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    asked = CliRunner().invoke(golive, [command, "--help"])
    assert asked.exit_code == 0, asked.output
    assert "Example" in asked.output
    assert f"golive {command}" in asked.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_place_in_the_reference(command):
    pages = [page.read_text() for page in (ROOT / "docs" / "reference").glob("*.md")]
    assert any(f"golive {command}" in text for text in pages)


@pytest.mark.parametrize(
    "command",
    sorted(
        set(
            re.findall(r"^\$? ?golive (\w+)", "\n".join((ROOT / page).read_text() for page in PAGES), re.MULTILINE)
        )
    ),
)
def test_every_command_that_a_page_shows_exists(command):
    assert command in COMMANDS


def test_every_decision_states_its_cost():
    for decision in (ROOT / "docs" / "decisions").glob("[0-9]*.md"):
        assert "**Cost" in decision.read_text(), decision.name


def test_the_lock_has_hashes_and_no_addresses():
    text = (ROOT / "requirements.lock").read_text()
    pins = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
    assert len(pins) > 20
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
    assert "--index-url" not in text


def test_no_machine_path_is_in_the_repository():
    private = re.compile(r"(?<![\w.*}])/(?:work|root|home/\w+)/")
    for name in TRACKED:
        path = ROOT / name
        if path.suffix in {".md", ".py", ".toml", ".yaml", ".yml", ""} and path.is_file():
            text = path.read_text(errors="ignore")
            assert name.startswith("tests/") or not private.search(text), name


def test_the_schema_of_perf_json_is_published_as_it_is():
    published = json.loads((ROOT / "docs" / "reference" / "perf.schema.json").read_text())
    assert published == SCHEMA, "renew it: make docs"


@pytest.mark.parametrize("page", ["commands", "claims", "attestations", "controls", "protocol-rules"])
def test_a_page_that_is_made_from_the_code_is_what_the_code_says(page):
    made = runpy.run_path(str(ROOT / "docs" / "render.py"))[page.replace("-", "_")]()
    assert (ROOT / "docs" / "reference" / f"{page}.md").read_text() == made, "renew it: make docs"
