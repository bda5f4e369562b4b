"""Findings for people and for other tools."""

import json
from xml.etree import ElementTree

import pytest
from protocol_drafts import Draft

from golive.protocol import outputs
from golive.protocol.document import Finding, Place
from golive.protocol.lint import lint
from golive.protocol.outputs import Linted
from golive.protocol.rules import RULES
from golive.protocol.world import World


def linted(*findings, path="protocols/6 operations.md"):
    document = Draft().document(phase="6", title="OPERATIONS", dialect="canonical")
    return Linted(path=path, document=document, findings=findings)


def one(rule="flag-unknown", severity="error", what="scripts/x.sh does not know `--phase`", line=3):
    return Finding(
        rule=rule, severity=severity, at=Place(line=line, column=7), what=what, why="it refuses", next="fix"
    )


SICK = linted(one(), one("step-gap", "warning", "step 2 is missing"), one("manual-step", "note", "no command"))
WELL = linted(one("manual-step", "note", "no command"), path="well.md")


def test_text_names_place_severity_rule_why_and_next():
    assert outputs.text([SICK, WELL]).splitlines() == [
        "protocols/6 operations.md:3:7: error: scripts/x.sh does not know `--phase` [flag-unknown]",
        *("    why:  it refuses", "    next: fix"),
        "protocols/6 operations.md:3:7: warning: step 2 is missing [step-gap]",
        *("    why:  it refuses", "    next: fix"),
        "protocols/6 operations.md:3:7: note: no command [manual-step]",
        *("    why:  it refuses", "    next: fix"),
        "well.md:3:7: note: no command [manual-step]",
        *("    why:  it refuses", "    next: fix"),
        "protocols/6 operations.md: fail: 1 error, 1 warning, 1 note",
        "well.md: pass: 1 note",
    ]


@pytest.mark.parametrize(
    ("protocols", "status"),
    [([SICK, WELL], "fail"), ([linted(one(severity="warning"))], "warning"), ([WELL], "pass"), ([], "fail")],
)
def test_the_worst_counts_and_nothing_is_no_pass(protocols, status):
    assert outputs.status(protocols) == status
    assert outputs.as_json(protocols)["status"] == outputs.report(protocols)["status"] == status


def test_json_has_a_version_and_every_finding():
    told = json.loads(outputs.as_text(outputs.as_json([SICK])))
    assert told["schema_version"] == 1
    (protocol,) = told["protocols"]
    assert protocol["findings"][0] == {
        "rule": "flag-unknown",
        "severity": "error",
        "line": 3,
        "column": 7,
        "what": "scripts/x.sh does not know `--phase`",
        "why": "it refuses",
        "next": "fix",
    }


def test_sarif_points_at_the_line_and_at_the_rule():
    log = json.loads(outputs.sarif([SICK, WELL]))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["flag-unknown", "manual-step", "step-gap"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    first = run["results"][0]
    assert first["level"] == "error"
    where = first["locations"][0]["physicalLocation"]
    assert where == {
        "artifactLocation": {"uri": "protocols/6%20operations.md"},
        "region": {"startLine": 3, "startColumn": 7},
    }


def test_junit_has_a_case_for_each_rule_and_fails_for_errors_and_warnings():
    suites = ElementTree.fromstring(outputs.junit([SICK, WELL]))
    sick, well = suites
    assert (sick.get("tests"), sick.get("failures")) == (str(len(RULES)), "2")
    assert well.get("failures") == "0"
    failed = [case.get("name") for case in sick if case.find("failure") is not None]
    assert failed == ["step-gap", "flag-unknown"]
    assert sick.find("testcase[@name='manual-step']/system-out") is not None


def test_the_older_report_keeps_its_names():
    told = outputs.report([SICK, WELL])
    assert list(told) == ["status", "summary", "protocols", "issues", "recommendations"]
    assert told["summary"] == {"total_protocols": 2, "validated": 1, "issues_found": 2, "critical_issues": 1}
    assert told["issues"][0] == {
        "severity": "critical",
        "type": "flag-unknown",
        "message": "protocols/6 operations.md:3: scripts/x.sh does not know `--phase`",
        "fix": "fix",
    }
    assert told["recommendations"] == ["fix"]


def test_what_a_document_says_cannot_steer_a_terminal_or_break_a_format():
    evil = "\x1b[2J\x1b]0;owned\x07 </failure>\x00 \u202e " + "x" * 1000
    sick = linted(one(what=evil), one("hidden-character", what=evil), path="a\x1b[2J.md")
    for made in (outputs.text([sick]), outputs.junit([sick]), outputs.sarif([sick])):
        assert "\x1b" not in made
        assert "\x00" not in made
        assert "\u202e" not in made
        assert "x" * 500 not in made
    suites = ElementTree.fromstring(outputs.junit([sick]))
    assert suites.find(".//testcase[@name='hidden-character']/failure") is not None
    assert json.loads(outputs.sarif([sick]))["runs"][0]["results"][1]["ruleId"] == "hidden-character"


def test_a_hostile_line_reaches_no_output_as_it_stands():
    draft = Draft().step("1").run("scripts/\x1b[31m.sh --\x1b[0m; rm")
    found = lint(draft.document(), World())
    assert found
    assert "\x1b" not in outputs.text([linted(*found)])
