"""What a lint says of a protocol: each rule once where it must speak, and silence where all is well."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protocol_drafts import Draft, fine, script, world

from golive.protocol import outputs
from golive.protocol.document import Finding, Place
from golive.protocol.lint import lint
from golive.protocol.rules import RULES
from golive.protocol.world import Script

DISEASES = Path(__file__).parent / "diseases"


def said(draft, around=None, skip_missing=False, **more):
    """`line:column rule` of each finding."""
    document = draft.document(**more)
    found = lint(document, around or world(), skip_missing=skip_missing)
    assert all(one.rule in RULES and one.what and one.why and one.next for one in found if one.rule in RULES)
    return [f"{one.at.line}:{one.at.column} {one.rule}" for one in found]


def operations():
    """Phase 6 in the shape of the canonical dialect."""
    draft = Draft().section("role").section("prerequisites").item("go-live approval")
    draft.run("scripts/validate_protocol_steps.py --phase 6 --skip-missing")
    draft.section("steps").step("1", "READINESS").item("Confirm access.", "1")
    draft.step("2", "DEPLOYMENT").item("Deploy.", "1")
    draft.run("scripts/deploy_backend.sh --env staging")
    draft.run("scripts/deploy_backend.sh --env production --if-approved")
    draft.step("3", "MONITORING").item("Watch.", "1")
    draft.run("scripts/collect_perf.py --scenario smoke --output evidence/operations/perf.json")
    draft.step("4", "ROLLBACK").item("Rehearse.", "1")
    draft.run("scripts/rollback_backend.sh --env staging --dry-run")
    draft.step("5", "QUALITY GATE", gate=True).item("Decide.", "1")
    draft.run("scripts/validate_workflow_integration.py --phase operations")
    draft.run("scripts/update_task_state.py --task operations --status completed")
    draft.section("outputs").item("Reports under `evidence/operations/`")
    return draft.section("handoff").item("Tell the team")


def diseased():
    return world(*(script(f"scripts/{one.name}", one.read_text()) for one in DISEASES.iterdir()))


def test_every_line_of_phase_6_is_found_to_be_sick_beside_sick_scripts():
    assert said(operations(), diseased(), dialect="canonical") == [
        "5:45 flag-unknown",  # --phase
        "5:55 flag-unknown",  # --skip-missing
        "7:1 manual-step",
        "11:36 flag-as-value",
        "12:36 flag-as-value",
        "12:53 approval-ignored",
        "15:34 arguments-ignored",
        "18:38 flag-as-value",
        "18:52 dry-run-ignored",
        "21:51 flag-unknown",
        "22:10 flag-missing",
        "22:10 flag-missing",
        "22:39 flag-unknown",
        "22:57 flag-unknown",
    ]


DECLARED = {
    "validate_protocol_steps.py": ["effect=reads", "flag --phase N required", "flag --skip-missing"],
    "deploy_backend.sh": ["effect=changes-{env}", "flag --env staging|production required", "flag --if-approved"],
    "collect_perf.py": ["effect=writes-evidence", "flag --scenario NAME", "flag --output FILE"],
    "rollback_backend.sh": [
        "effect=changes-{env}",
        "flag --env NAME",
        "flag --dry-run",
        "dry-run=writes-evidence",
    ],
    "validate_workflow_integration.py": ["effect=reads", "flag --phase NAME"],
    "update_task_state.py": ["effect=writes-evidence", "flag --task ID", "flag --status pending|completed"],
}


def test_phase_6_beside_scripts_that_do_what_it_says_has_only_its_manual_step():
    scripts = []
    for name, said_of in DECLARED.items():
        head = "".join(f"# golive: {one}\n" for one in said_of)
        body = "import sys\nfrom shop import main\nmain(sys.argv)\n" if name.endswith("py") else 'exec shop "$@"\n'
        first = "#!/usr/bin/env python3" if name.endswith("py") else "#!/bin/sh"
        scripts.append(script(f"scripts/{name}", f"{first}\n{head}{body}"))
    assert said(operations(), world(*scripts), dialect="canonical") == ["7:1 manual-step"]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ("1 2 3", []),
        ("0 1 2", []),
        ("2 3", ["2:1 step-first"]),
        ("1 2 4", ["4:1 step-gap"]),
        ("1 2 2 3", ["4:1 step-repeated"]),
        ("1 2 1 2", ["4:1 step-repeated", "5:1 step-repeated"]),
        ("1 3 2", ["3:1 step-gap", "4:1 step-order"]),
        ("0.1 0.2 1.1 1.2 2.0", []),
        ("1.9 1.10", ["2:1 step-first"]),
        ("1.1 1.10", ["3:1 step-gap"]),
        ("1 1.1 1.2 2", []),
        ("1.2 3.1", ["2:1 step-first", "3:1 step-gap"]),
        ("3 3bis 4", ["2:1 step-first"]),
        ("0A 0B 1", []),
        ("one two", []),
    ],
)
def test_numbers_of_steps(ids, expected):
    draft = Draft()
    for place, id in enumerate(ids.split()):
        draft.step(id, f"TITLE {place}")
    assert [one for one in said(draft) if "manual-step" not in one] == expected


def test_a_template_of_a_step_is_no_step():
    draft = Draft().step("1", "DO").step("N", "DO", template=True).step("2", "MORE")
    assert said(draft) == ["2:1 manual-step", "4:1 manual-step"]


def test_two_steps_of_the_same_title():
    draft = Draft().step("1", "Deploy  it").step("2", "DEPLOY IT")
    assert "3:1 title-repeated" in said(draft)


def test_a_section_may_be_missing_only_where_sections_have_their_place():
    draft = Draft().section("role").section("steps").step("1")
    assert said(draft, dialect="canonical") == [
        *("1:1 section-missing", "1:1 section-missing", "1:1 section-missing"),
        "4:1 manual-step",
    ]
    assert said(draft, dialect="runbook") == ["4:1 manual-step"]


@pytest.mark.parametrize(
    ("state", "rule"),
    [("missing", "script-missing"), ("outside", "script-outside"), ("unreadable", "script-unreadable")],
)
def test_a_script_that_is_not_there(state, rule):
    draft = Draft().step("1").run("./scripts/go.sh --env staging")
    assert said(draft, world(Script(path="scripts/go.sh", state=state))) == [f"3:10 {rule}"]


def test_a_script_that_nobody_looked_at_is_not_taken_for_good():
    assert said(Draft().step("1").run("scripts/go.sh")) == ["3:10 script-unreadable"]


def test_a_missing_script_is_a_warning_where_missing_ones_are_skipped():
    document = Draft().step("1").run("scripts/goo.sh").document()
    around = world(Script(path="scripts/goo.sh", state="missing"), fine("scripts/go.sh"))
    (strict,) = lint(document, around)
    (lenient,) = lint(document, around, skip_missing=True)
    assert (strict.severity, lenient.severity) == ("error", "warning")
    assert "did you mean `scripts/go.sh`?" in strict.next


def test_a_gate_all_of_whose_scripts_are_skipped_checks_nothing():
    draft = Draft().step("1", "QUALITY GATE", gate=True).item("Decide").run("scripts/gate.py")
    around = world(Script(path="scripts/gate.py", state="missing"))
    assert said(draft, around) == ["4:10 script-missing"]
    assert said(draft, around, skip_missing=True) == ["2:1 gate-empty", "4:10 script-missing"]


def test_a_script_is_executed_directly_unless_the_line_names_what_runs_it():
    source = "# golive: values 0\nimport shop\n"
    around = world(script("scripts/x.py", source, executable=False))
    assert said(Draft().step("1").run("scripts/x.py"), around) == [
        "3:10 script-not-executable",
        "3:10 script-without-interpreter",
    ]
    assert said(Draft().step("1").run("python3 -u scripts/x.py"), around) == []


@pytest.mark.parametrize("text", ["make deploy", "python3 -m shop deploy", "bash -c deploy"])
def test_what_is_no_script_is_unknown(text):
    assert said(Draft().step("1").run(text)) == ["3:10 contract-unknown"]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("scripts/x.sh --env staging; rm -rf shop", 36),
        ("scripts/x.sh $(date)", 23),
        ("scripts/x.sh `date`", 23),
        ("scripts/x.sh a && b", 25),
        ("scripts/x.sh a | b", 25),
        ("scripts/x.sh a > b", 25),
        ("scripts/x.sh logs/*", 28),
        ("scripts/x.sh ~/here", 23),
        ("scripts/x.sh $HOME", 23),
        ('scripts/x.sh "$HOME"', 24),
        ("scripts/x.sh {a,b}", 23),
    ],
)
def test_words_for_a_shell(text, column):
    assert f"3:{column} shell-words" in said(Draft().step("1").run(text), world(fine("scripts/x.sh")))


@pytest.mark.parametrize(
    "text", ["scripts/x.sh 'a; b'", 'scripts/x.sh "a | b"', "scripts/x.sh a~b --env=a:b@c,d%e#f"]
)
def test_words_that_only_look_like_it(text):
    assert said(Draft().step("1").run(text), world(fine("scripts/x.sh"))) == []


def test_placeholders_are_open_and_nothing_else():
    draft = Draft().step("1").run("scripts/x.sh --env <environment> {NAME}")
    assert said(draft, world(fine("scripts/x.sh"))) == ["3:29 placeholder-open", "3:43 placeholder-open"]


def test_commands_that_are_only_found_are_not_held_against_anything():
    draft = Draft().step("1").run("rm -rf x; y", origin="fence").run("a | b", origin="inline")
    assert said(draft) == ["2:1 manual-step"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("staging production", []),
        ("production staging", ["3:10 production-before-staging"]),
        ("production", ["3:10 production-without-staging"]),
        ("staging", []),
    ],
)
@pytest.mark.parametrize("effect", ["changes-{env}", ""])
def test_production_comes_after_staging(lines, expected, effect):
    draft = Draft().step("1")
    for env in lines.split():
        draft.run(f"scripts/deploy.sh --env {env}")
    source = (
        f'#!/bin/sh\n# golive: flag --env VALUE\n{"# golive: effect=" + effect if effect else "#"}\nexec x "$@"\n'
    )
    assert said(draft, world(script("scripts/deploy.sh", source))) == expected


def test_a_dry_run_for_staging_is_no_staging():
    draft = (
        Draft()
        .step("1")
        .run("scripts/deploy.sh --env staging --dry-run")
        .run("scripts/deploy.sh --env production")
    )
    source = "# golive: flag --env VALUE\n# golive: flag --dry-run\n# golive: dry-run=simulated\n"
    around = world(
        script("scripts/deploy.sh", f'#!/bin/sh\n{source}# golive: effect=changes-{{env}}\nexec x "$@"\n')
    )
    assert said(draft, around) == ["4:10 production-without-staging"]


def test_a_dry_run_that_nobody_vouches_for_is_no_staging_either():
    draft = (
        Draft()
        .step("1")
        .run("scripts/deploy.sh --env staging --dry-run")
        .run("scripts/deploy.sh --env production")
    )
    source = "# golive: flag --env VALUE\n# golive: flag --dry-run\n# golive: effect=changes-{env}\n"
    around = world(script("scripts/deploy.sh", f'#!/bin/sh\n{source}exec x "$@"\n'))
    assert said(draft, around) == ["3:42 dry-run-not-shown", "4:10 production-without-staging"]


def test_a_gate_that_checks_nothing_and_one_that_only_people_answer():
    draft = Draft().step("1", "GATE", gate=True).gate("1").gate("2", criteria=("all is well",))
    assert said(draft) == ["2:1 gate-empty", "3:1 gate-empty", "4:1 gate-unchecked"]


def test_a_gate_changes_nothing():
    around = world(fine("scripts/fix.sh", "changes-production"), fine("scripts/look.sh"), fine("scripts/stage.sh"))
    draft = Draft().step("1", "GATE", gate=True).run("scripts/fix.sh").run("scripts/look.sh")
    assert "3:10 gate-changes" in said(draft, around)
    draft = Draft().gate("1").run("scripts/fix.sh", origin="script").run("scripts/look.sh", origin="script")
    assert "3:10 gate-changes" in said(draft, around)
    assert "4:10 gate-changes" not in said(draft, around)


@pytest.mark.parametrize(
    ("promise", "missing"),
    [
        ("`evidence/operations/`", False),
        ("`evidence/operations/perf.json`", False),
        ("`perf.json`", False),
        ("`evidence/incidents/`", True),
        ("`evidence/operations/log.txt`", True),
        ("`docs/runbook.md`", False),
        ("`drafts/`", False),
        ("`report.html`", True),
        ("monitoring/alerting", False),
        ("`--flag`, `word`", False),
    ],
)
def test_an_output_that_is_a_path_is_written_by_a_step(promise, missing):
    draft = Draft().step("1").item("Update `docs/runbook.md`").item("x", evidence=("drafts/plan.md",))
    draft.run("scripts/x.sh --env=evidence/operations/perf.json").section("outputs").item(f"Reports in {promise}")
    found = said(draft, world(fine("scripts/x.sh")))
    assert [one.split()[1] for one in found] == (["output-unproduced"] if missing else [])


def test_references_lead_somewhere():
    draft = (
        Draft().step("1").item("Apply: `4-audit.md --mode quick`").item("See [the runbook](../docs/run.md#top).")
    )
    draft.item("Go back to step 1, or to Step 7.").item("As in step 9 of protocol 4.").item("Write `new.md`.")
    draft.fence("see step 8").run("scripts/x.sh")
    around = world(fine("scripts/x.sh"), exists={"4-audit.md": False, "../docs/run.md": True})
    assert said(draft, around) == ["3:11 reference-missing", "5:28 reference-missing"]


def test_findings_of_the_reading_are_told_in_their_place():
    unclosed = Finding(rule="unclosed-fence", severity="error", at=Place(line=2), what="a fence is never closed")
    assert said(Draft().step("1"), findings=(unclosed,)) == ["2:1 manual-step", "2:1 unclosed-fence"]


def test_every_rule_has_words_for_a_person():
    for name, rule in RULES.items():
        assert name == rule.id
        assert rule.says
        assert rule.why
        assert rule.next


TEXTS = st.text(alphabet="ab/.`-<>{}[]();|$'\"\\ \n\x1b\u202e1", max_size=40)
PARTS = st.sampled_from(["section", "step", "gate", "item", "run", "fence"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(PARTS, TEXTS), max_size=12))
def test_any_document_can_be_linted_and_told_about(parts):
    draft = Draft().step("1")
    for kind, text in parts:
        match kind:
            case "section":
                draft.section("outputs", text)
            case "run":
                draft.run(text, argv=tuple(text.split()) or ("x",))
            case "item" | "fence":
                getattr(draft, kind)(text)
            case _:
                getattr(draft, kind)(text, text)
    found = lint(draft.document(dialect="canonical"), world(fine("a/b.sh")))
    assert all(one.at.line >= 1 and one.at.column >= 1 and one.rule in RULES for one in found)
    told = outputs.text([outputs.Linted(path="x.md", document=draft.document(), findings=found)])
    assert "\x1b" not in told


def test_the_work_of_a_lint_grows_with_the_document_and_not_faster():
    def work(count):
        draft = Draft().section("outputs")
        for number in range(count):
            draft.item(f"`out/{number}/x.md`")
        for number in range(count):
            draft.step(str(number + 1), f"GATE {number}", gate=True).item(f"As in step {number + 9}.")
            draft.run(f"scripts/x.sh --evn {number} out/{number}; y")
        calls = 0

        def count_call(frame, event, argument):
            nonlocal calls
            calls += 1

        document, around = draft.document(), world(fine("scripts/x.sh"))
        sys.setprofile(count_call)
        try:
            lint(document, around)
        finally:
            sys.setprofile(None)
        return calls

    assert work(400) < 5 * work(100)
