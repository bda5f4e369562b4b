"""Scripts that do something else than the line that names them: each is found out by its text alone."""

from pathlib import Path

import pytest

from golive.protocol.contracts.check import check
from golive.protocol.contracts.learn import learn

DISEASES = Path(__file__).parent / "diseases"


def found(line):
    """Rules and what they say of one line, as `rule: what`."""
    script, *words = line.split()
    contract = learn((DISEASES / script).read_text(), script)
    return [f"{one.rule}: {one.what}" for one in check(contract, words, script=script)]


def test_a_validator_that_does_not_know_the_flags_of_the_protocol():
    assert found("validate_protocol_steps.py --phase 6 --skip-missing") == [
        "flag-unknown: validate_protocol_steps.py does not know `--phase`",
        "flag-unknown: validate_protocol_steps.py does not know `--skip-missing`",
    ]
    assert found("validate_protocol_steps.py -w here -vp6 --output=report.json") == []


def test_a_deploy_that_takes_the_flag_for_the_name_of_an_environment():
    assert found("deploy_backend.sh --env staging") == [
        "flag-as-value: deploy_backend.sh takes `--env` for a value (deploy_backend.sh:5: $1 is taken as it comes)"
    ]
    assert found("deploy_backend.sh staging now") == [
        "argument-extra: deploy_backend.sh takes no further argument: `now`"
    ]
    assert found("deploy_backend.sh staging") == []


def test_a_deploy_that_does_not_read_the_flag_for_an_approval():
    said = found("deploy_backend.sh --env production --if-approved")
    assert "flag-as-value" in said[0]
    assert "approval-ignored: deploy_backend.sh does not look at `--if-approved`" in said


def test_a_rollback_whose_dry_run_is_a_real_one():
    said = found("rollback_backend.sh --env staging --dry-run")
    assert "flag-as-value" in said[0]
    assert "dry-run-ignored: rollback_backend.sh does not look at `--dry-run`" in said


def test_a_rollback_that_is_given_too_few_words():
    assert found("rollback_backend.sh staging") == [
        "argument-missing: rollback_backend.sh wants 2 arguments, given 1"
    ]


def test_a_measurement_that_looks_at_no_argument():
    assert found("collect_perf.py --scenario smoke --output evidence/operations/perf.json") == [
        "arguments-ignored: collect_perf.py looks at none of its arguments"
    ]
    assert found("collect_perf.py") == []


def test_a_gate_with_another_command_line_than_the_protocols():
    assert found("validate_workflow_integration.py --phase operations") == [
        "flag-unknown: validate_workflow_integration.py does not know `--phase`"
    ]
    assert found("validate_workflow_integration.py -vv --workflow=here -o report.json --fix") == []


def test_a_task_script_whose_flags_have_other_names():
    assert found("update_task_state.py --task operations --status completed") == [
        "flag-unknown: update_task_state.py does not know `--task`",
        "flag-unknown: update_task_state.py does not know `--status`",
        "flag-missing: update_task_state.py requires `--id`",
        "flag-missing: update_task_state.py requires `--state`",
    ]
    assert found("update_task_state.py --id operations --state done --note=late") == [
        "value-not-a-choice: update_task_state.py does not know `done` as --state"
    ]


def test_a_dry_run_that_is_only_told_about():
    assert found("undo.sh --env staging --dry-run") == ["dry-run-ignored: undo.sh does not look at `--dry-run`"]


def test_an_approval_that_is_put_into_a_variable_and_forgotten_in_a_shell_script():
    assert found("promote.sh --env=production --if-approved --verbose") == [
        "approval-ignored: promote.sh does not look at `--if-approved`"
    ]


def test_a_flag_whose_value_stands_in_the_wrong_word():
    assert found("promote.sh --env production")[0] == "flag-spelling: promote.sh reads `--env=VALUE` in one word"


def test_a_shell_script_that_drops_what_it_does_not_know():
    assert found("promote.sh --env=staging --enviroment=staging") == [
        "flag-unknown: promote.sh drops without a word `--enviroment`"
    ]


def test_an_approval_and_a_dry_run_that_are_parsed_and_forgotten_in_python():
    assert found("promote_release.py --env production --if-approved --dry-run") == [
        "approval-ignored: promote_release.py does not look at `--if-approved`",
        "dry-run-ignored: promote_release.py does not look at `--dry-run`",
    ]


def test_a_quality_gate_that_finds_what_it_always_finds():
    assert found("quality_gate.py --mode quick") == [
        "arguments-ignored: quality_gate.py looks at none of its arguments"
    ]


def test_a_monitor_that_drops_flags():
    assert found("monitor_slo.py --p95 200 --project shop") == [
        "flag-unknown: monitor_slo.py drops without a word `--project`"
    ]


def test_a_dry_run_that_becomes_the_name_of_an_environment():
    assert found("rehearse.py --dry-run here")[-1] == "dry-run-ignored: rehearse.py does not look at `--dry-run`"


@pytest.mark.parametrize("flag", ["--env", "--dry-run", "-n"])
def test_a_program_that_takes_its_words_by_place(flag):
    said = found(f"rehearse.py {flag} staging")
    assert said[0].startswith("contract-unknown")
    assert said[1] == (
        f"flag-as-value: rehearse.py takes `{flag}` for a value "
        "(rehearse.py:7: it reads sys.argv[1] by position, and no flags)"
    )
