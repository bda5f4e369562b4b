"""What is read from documents: each golden, the canonical document, and what holds for every text."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldens import DOCUMENTS, golden
from golive.protocol.document import Place
from golive.protocol.parse import parse
from golive.protocol.reading import RULES

PATHS = sorted(DOCUMENTS.glob("*.md"))
DIRECTIVES = ["{SCRIPT: scripts/a.py --x}", "{SCRIPT: scripts/b.sh 'two words' <hole>}", "{SCRIPT: {NAME} {REST}}"]
AROUND = [
    "Some words.",
    "",
    "1. An item",
    "- [ ] A box",
    "```bash\n{SCRIPT: scripts/no.py}\n```",
    "~~~~\n```\n{SCRIPT: scripts/no.py}\n~~~\n~~~~",
    "<!-- {SCRIPT: scripts/no.py} -->",
    "<!--\n{SCRIPT: scripts/no.py}\n-->",
    "## A heading",
    "### STEP 4: A step",
    "| 1 | a row |",
    "Write `{SCRIPT: scripts/no.py}` there.",
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_document_reads_as_its_golden_says(path: Path) -> None:
    assert golden(path) == path.with_suffix(".json").read_text()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_text_is_the_file_byte_for_byte(path: Path) -> None:
    assert parse(path.read_bytes()).text.encode("utf-8", "surrogateescape") == path.read_bytes()


def test_corpus_is_not_small() -> None:
    assert len(PATHS) >= 40


def test_canonical_document_has_five_steps_and_seven_directives_on_their_lines() -> None:
    document = parse((DOCUMENTS / "operations.md").read_bytes())
    assert [step.id for step in document.steps] == ["1", "2", "3", "4", "5"]
    assert [directive.at.line for directive in document.directives] == [11, 24, 25, 31, 37, 43, 44]
    assert [len(step.directives) for step in document.steps] == [0, 2, 1, 1, 2]
    assert [step.gate for step in document.steps] == [False, False, False, False, True]
    (prerequisites,) = document.of("prerequisites")
    assert [directive.script for directive in prerequisites.directives] == ["scripts/validate_protocol_steps.py"]
    assert (document.phase, document.optional, document.findings) == ("6", True, ())


@pytest.mark.parametrize(
    "word", [";", "|", "&&", "$(id)", "`id`", "> out", "< in", "*.sh", "$HOME", "~/x", "a\\b"]
)
def test_word_for_a_shell_is_an_error_and_leaves_nothing_to_run(word: str) -> None:
    document = parse("{SCRIPT: scripts/a.sh " + word + "}\n")
    assert document.directives[0].argv == ()
    assert ("shell-word", "error") in [(finding.rule, finding.severity) for finding in document.findings]


@given(st.binary(max_size=2000))
def test_any_bytes_give_a_document_that_keeps_them(source: bytes) -> None:
    document = parse(source)
    assert document.text.encode("utf-8", "surrogateescape") == source
    assert {finding.rule for finding in document.findings} <= set(RULES)


@given(
    st.lists(
        st.sampled_from([*DIRECTIVES, *AROUND, "```", "<!--", "---", "> ```", "  - **Evidence:** `x`", "\x00"])
    )
)
def test_any_mixture_of_pieces_gives_a_document(pieces: list[str]) -> None:
    source = "\n".join(pieces).encode()
    document = parse(source)
    rows = source.splitlines()
    for directive in document.directives:
        assert directive.text in rows[directive.at.line - 1].decode()
    for step in document.steps:
        assert step.title in rows[step.at.line - 1].decode()


@given(st.lists(st.sampled_from(DIRECTIVES), max_size=4), st.data())
def test_directives_do_not_change_with_what_stands_around_them(directives: list[str], data: st.DataObject) -> None:
    pieces: list[str] = []
    for directive in directives:
        pieces += [*data.draw(st.lists(st.sampled_from(AROUND), max_size=3)), directive]
    pieces += data.draw(st.lists(st.sampled_from(AROUND), max_size=3))
    text = data.draw(st.sampled_from(["\n", "\r\n"])).join(pieces)
    alone = parse("\n".join(directives)).directives
    found = [d for d in parse(text).directives if d.origin == "directive"]
    assert [unplaced(d) for d in found] == [unplaced(d) for d in alone]
    rows = text.encode().splitlines()
    assert all(re.match(rb"\{SCRIPT:", rows[d.at.line - 1]) for d in found)


def unplaced(directive: object) -> object:
    holes = tuple(replace(hole, at=Place(line=1)) for hole in directive.placeholders)  # type: ignore[attr-defined]
    return replace(directive, at=Place(line=1), placeholders=holes)  # type: ignore[type-var]
