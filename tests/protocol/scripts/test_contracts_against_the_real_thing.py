"""The contract refuses what argparse and click themselves refuse, and nothing else."""

import argparse
import contextlib
import io
import subprocess

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.protocol.contracts.check import check
from golive.protocol.contracts.learn import learn

ARGPARSE = [
    "'--env'",
    "'--env', required=True",
    "'-e', '--env', choices=['staging', 'production']",
    "'--envelope'",
    "'--dry', action='store_true'",
    "'-v', action='count'",
    "'-q', '--quiet', action='store_true'",
    "'-o', nargs='?'",
    "'--many', nargs='+'",
    "'--two', nargs=2",
    "'--any', nargs='*'",
    "'--fast', action=argparse.BooleanOptionalAction",
    "'what'",
    "'what', choices=['up', 'down']",
    "'rest', nargs='*'",
]
CLICK = [
    "@click.option('--env', '-e')",
    "@click.option('--env', required=True)",
    "@click.option('--where', 'place', type=click.Choice(['staging', 'production']))",
    "@click.option('--dry', is_flag=True)",
    "@click.option('-v', count=True)",
    "@click.option('--two', nargs=2)",
    "@click.option('--fast/--slow', default=True)",
    "@click.argument('what')",
    "@click.argument('rest', nargs=-1)",
    "@click.argument('kind', type=click.Choice(['up', 'down']))",
]
WORDS = st.lists(
    st.sampled_from(
        [
            *(
                "--env",
                "--env=staging",
                "--en",
                "-e",
                "-estaging",
                "--dry",
                "--dry=1",
                "-v",
                "-vv",
                "-vq",
                "-q",
                "-o",
            ),
            *(
                "-ox",
                "--many",
                "--two",
                "--any",
                "--fast",
                "--no-fast",
                "--slow",
                "--where",
                "--unknown",
                "-x",
                "--",
            ),
            *("staging", "production", "up", "x", "-5", "-"),
        ]
    ),
    max_size=5,
)
WARNINGS = {"flag-abbreviated", "flag-ignored", "dry-run-not-shown"}


def chosen(calls):
    """Some of the calls, no two of which define the same name; the one of any number of words is the last."""
    some = st.lists(st.sampled_from(calls), max_size=4, unique_by=lambda call: call.split(",")[0].split("(")[-1])
    return some.map(lambda found: sorted(found, key=lambda call: "'rest'" in call))


def refused(contract, words):
    return {one.rule for one in check(contract, words)} - WARNINGS


@settings(max_examples=1500, deadline=None)
@given(
    chosen(ARGPARSE), WORDS.filter(lambda words: "--" not in words)
)  # what it does there is a matter of version
def test_argparse(calls, words):
    source = "import argparse\nparser = argparse.ArgumentParser()\n"
    source += "".join(f"parser.add_argument({call})\n" for call in calls)
    scope = {}
    try:
        exec(source, scope)
    except argparse.ArgumentError:
        return  # two flags of one name
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            scope["parser"].parse_args(words)
        accepted = True
    except SystemExit:
        accepted = False
    contract = learn(source + "print(vars(parser.parse_args()))\n", "x.py")
    assert contract.known
    assert (not refused(contract, words)) == accepted, refused(contract, words)


@settings(max_examples=600, deadline=None)
@given(chosen(CLICK), WORDS)
def test_click(calls, words):
    source = (
        "import click\n@click.command()\n" + "".join(f"{call}\n" for call in calls) + "def go(**given): pass\n"
    )
    scope = {}
    exec(source, scope)
    accepted = CliRunner().invoke(scope["go"], words).exit_code == 0
    contract = learn(source, "x.py")
    assert contract.known
    found = refused(contract, words)
    assert found or accepted
    if not any(word.startswith("-") for word in words[1:]):  # click takes a flag for a value, and we do not let it
        assert not (accepted and found), found


SHELL = {
    "case": """
while [ $# -gt 0 ]; do
  case "$1" in
    -e|--env) [ $# -gt 1 ] || exit 2; env=$2; shift ;;
    --env=*) env=${1#*=} ;;
    --dry|-v) dry=1 ;;
    *) exit 2 ;;
  esac
  shift
done
test "$env$dry" || :
""",
    "getopts": """
while getopts ":e:vq" flag; do
  case $flag in
    e) env=$OPTARG ;;
    v|q) loud=$flag ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
test "$env$loud" || :
""",
}


@pytest.mark.parametrize("kind", SHELL)
@settings(max_examples=150, deadline=None)
@given(words=WORDS.filter(lambda words: "--" not in words))
def test_shell_scripts(kind, words):
    accepted = subprocess.run(["sh", "-c", SHELL[kind], "x.sh", *words], check=False).returncode == 0
    contract = learn("#!/bin/sh\n" + SHELL[kind], "x.sh")
    assert contract.known
    found = refused(contract, words)
    assert found or accepted
    if not any(word.startswith("-") for word in words[1:]):  # nor a shell script
        assert not (accepted and found), found
