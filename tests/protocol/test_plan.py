"""What a protocol would do: which claims judge which action, what only a person answers, and what is never run."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldens import DOCUMENTS
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.statements import STATEMENTS
from golive.protocol.mapping import ROWS, row_for
from golive.protocol.parse import parse
from golive.protocol.plan import Known, plan
from golive.protocol.report import checklist, markdown, page, text
from golive.protocol.run import Run

SEED = plan(parse((DOCUMENTS / "operations.md").read_bytes()), "d" * 64, lambda directive: Known())
BY_LINE = {question.item.at.line: question for question in SEED.questions}


def test_every_numbered_action_of_the_canonical_document_is_judged_by_the_claims_that_stand_for_it():
    names = {
        line: row_for(BY_LINE[line].item.text).number for line in (16, 17, 18, *range(21, 24), *range(28, 31))
    }
    assert names == {
        16: "1.1",
        17: "1.2",
        18: "1.3",
        21: "2.1",
        22: "2.2",
        23: "2.3",
        28: "3.1",
        29: "3.2",
        30: "3.3",
    }
    names = {line: row_for(BY_LINE[line].item.text).number for line in (34, 35, 36, 40, 41, 42)}
    assert names == {
        34: "4.1",
        35: "4.2",
        36: "4.3",
        40: "5.1",
        41: "5.2",
        42: "5.3",
    }


def test_what_only_a_person_can_say_is_for_a_person():
    assert [line for line, question in BY_LINE.items() if not question.claims] == [7, 9, 10, 52, 53, 54]


def test_every_row_names_claims_that_are_there():
    assert {claim for row in ROWS for claim in row.claims} <= set(CLAIMS)
    assert [row.number for row in ROWS] == [name.partition(" ")[0] for name in STATEMENTS]


@pytest.mark.parametrize(
    "words",
    ["Review the pull request", "Dashing boards of alerting stations", "Load the dishwasher", "Say goodbye"],
)
def test_other_words_choose_no_claim(words):
    assert row_for(words) is None


def test_the_parts_are_in_the_order_of_the_file_and_the_gate_is_one():
    assert [part.name for part in SEED.parts] == [
        "prerequisites",
        *(f"step {number}" for number in range(1, 6)),
        "outputs",
        "handoff",
    ]
    assert [part.id for part in SEED.parts if part.gate] == ["5"]
    assert [command.key for command in SEED.commands] == [f"line {n}" for n in (11, 24, 25, 31, 37, 43, 44)]


def test_fences_and_mentions_are_shown_and_never_among_the_commands():
    source = "## 3. EXECUTION STEPS\n### STEP 1: A\n1. Run `scripts/x.py --now`\n```sh\n$ rm -rf /\n```\n"
    found = plan(parse(source), "d" * 64, lambda directive: Known())
    assert found.commands == ()
    assert [directive.text for directive in found.mentioned] == ["scripts/x.py --now", "rm -rf /"]


def test_a_directive_outside_of_any_step_is_not_lost():
    found = plan(parse("# A\n## Notes\n{SCRIPT: scripts/x.py}\n"), "d" * 64, lambda directive: Known())
    assert [command.directive.argv for command in found.commands] == [("scripts/x.py",)]


@given(
    st.lists(st.sampled_from(["{SCRIPT: scripts/a.sh}", "## NOTES", "### STEP 1: A", "## 4. OUTPUTS", "- x", "#"]))
)
def test_every_directive_of_a_document_is_a_command_of_its_plan(rows):
    document = parse("\n".join(rows))
    found = plan(document, "d" * 64, lambda directive: Known())
    assert len(found.commands) == len(document.directives)


HOSTILE = """# A <script>alert(1)</script> | `x` \x1b[2J
## 4. OUTPUTS
- <img src=x onerror=alert(1)> | ` \x1b[2J \u202e
"""


def test_a_checklist_shows_what_a_document_says_and_does_nothing_of_it():
    found = plan(parse(HOSTILE), "d" * 64, lambda directive: Known())
    run = Run(id="r", digest="d" * 64, began=None)
    made = checklist(found, run, "waiting")
    for shown in (markdown(made), page(made)):
        assert "<script>" not in shown
        assert "<img" not in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert json.loads(json.dumps(made.body()))["counts"]["open"] == 1
    assert "open" in text(made)
