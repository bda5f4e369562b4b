"""What a script's author declares, and how far it is believed."""

import pytest

from golive.protocol.contracts.check import check
from golive.protocol.contracts.declared import effect_of
from golive.protocol.contracts.learn import learn

THIN = """#!/usr/bin/env bash
# Goes to one environment.
# golive: effect=changes-{env}
# golive: flag -e --env staging|production required
# golive: flag --note TEXT default none
# golive: flag --if-approved
# golive: flag --dry-run
# golive: dry-run=writes-evidence
# golive: values 0..1

exec golive-deploy "$@"
"""


def rules(source, line, path="x.sh"):
    return [one.rule for one in check(learn(source, path), line.split())]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--env staging", []),
        ("-e production --if-approved --note=x here", []),
        ("--env canary", ["value-not-a-choice"]),
        ("", ["flag-missing"]),
        ("--env staging --dry-run", []),
        ("--env staging --force", ["flag-unknown"]),
        ("--env staging here there", ["argument-extra"]),
    ],
)
def test_a_script_that_passes_its_arguments_on_is_believed(line, expected):
    assert learn(THIN, "x.sh").language == "declared"
    assert rules(THIN, line) == expected


@pytest.mark.parametrize(
    ("line", "effect"),
    [
        ("--env staging", "changes-staging"),
        ("--env=production", "changes-production"),
        ("-e production", "changes-production"),
        ("--env staging --env production", "changes-production"),
        ("--env canary", ""),
        ("", ""),
        ("--env production --dry-run", "writes-evidence"),
    ],
)
def test_the_effect_follows_the_argument(line, effect):
    assert effect_of(learn(THIN, "x.sh"), tuple(line.split())) == effect


def test_a_default_counts_for_the_effect():
    source = THIN.replace("staging|production required", "staging|production default staging")
    assert effect_of(learn(source, "x.sh"), ()) == "changes-staging"


def test_a_dry_run_that_the_text_does_not_look_at_is_not_believed():
    source = (
        "#!/bin/sh\n# golive: dry-run=simulated\n"
        'while [ $# -gt 0 ]; do case "$1" in --dry-run) DRY=1; shift ;; esac; done\nrollback\n'
    )
    contract = learn(source, "x.sh")
    assert contract.dry_run == "ignored"
    assert [note.text for note in contract.contradicted] == [
        "a dry run is declared, and the script never looks at it"
    ]
    assert rules(source, "--dry-run") == ["declaration-contradicted", "dry-run-ignored"]
    honest = source.replace("rollback", '[ "$DRY" ] || rollback')
    assert rules(honest, "--dry-run") == []
    assert effect_of(learn(honest, "x.sh"), ("--dry-run",)) == "reads"


def test_flags_that_the_text_does_not_read_are_not_believed():
    source = "#!/bin/sh\n# golive: flag --env VALUE\ndeploy staging\n"
    assert rules(source, "--env production") == ["declaration-contradicted", "arguments-ignored"]
    taken = "#!/bin/sh\n# golive: flag --env VALUE\ndeploy $1\n"
    assert rules(taken, "--env production")[:2] == ["declaration-contradicted", "flag-as-value"]


@pytest.mark.parametrize(
    "line",
    [
        "effect=harmless",
        "effect",
        "dry-run=yes",
        "flag env",
        "flag --env VALUE sometimes",
        "values many",
        "efect=reads",
        "",
    ],
)
def test_a_declaration_that_cannot_be_read_is_told_and_counts_for_nothing(line):
    contract = learn(f"#!/bin/sh\n# golive: {line}\nexec x\n", "x.sh")
    assert [note.line for note in contract.unclear] == [2]
    assert contract.effect == ""


def test_declarations_stand_above_the_code():
    contract = learn("#!/bin/sh\necho hi\n# golive: effect=reads\n", "x.sh")
    assert contract.effect == ""
    assert learn("#!/usr/bin/env python3\n\n#golive:effect = reads\n'''Text.'''\n", "x.py").effect == "reads"
