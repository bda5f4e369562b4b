"""What a shell script accepts, learned from its text."""

import pytest

from golive.protocol.contracts.check import check
from golive.protocol.contracts.learn import learn


def rules(source, line):
    return [one.rule for one in check(learn("#!/bin/bash\n" + source, "x.sh"), line.split())]


LOOP = """
usage() { echo "usage: x"; exit 2; }
parse() {
  while (( $# )); do
    case $1 in
      -e|--env) [ -n "$2" ] || usage; ENV=$2; shift ;;
      --env=*) ENV=${1#*=} ;;
      --tag) shift; TAG="$1" ;;
      --fast) FAST=yes ;;
      --log) LOG=yes ;;
      -h | --help ) usage ;;
      -*) usage ;;
      *) NAMES+=("$1") ;;
    esac
    shift
  done
}
parse "$@"
echo "log: $LOG"
if (( FAST )); then deploy "$ENV" "$TAG" "${NAMES[@]}"; fi
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--env staging --tag 3 shop", []),
        ("-e staging", []),
        ("--env=staging --fast", []),
        ("--tag=3", ["flag-spelling"]),
        ("--fast=yes", ["value-unwanted"]),
        ("--env", ["value-missing"]),
        ("--env --fast", ["value-missing"]),
        ("--enviroment staging", ["flag-unknown"]),
        ("--log", []),
        ("-h", []),
    ],
)
def test_a_case_loop_in_a_function_that_is_given_all_arguments(line, expected):
    assert rules(LOOP, line) == expected


def test_a_loop_that_refuses_other_words_takes_none():
    source = 'while [ $# -gt 0 ]; do case "$1" in --x) X=1; shift;; *) echo no; exit 2;; esac; done; [ $X ] && go'
    assert rules(source, "--x here") == ["argument-extra"]


def test_the_argument_of_a_function_is_not_the_argument_of_the_script():
    source = 'say() { echo "$1"; }\nsay hello\n'
    assert rules(source, "--env staging") == ["arguments-ignored"]
    assert rules(source.replace("say hello", 'say "$1"'), "--env")[0] == "flag-as-value"


def test_the_dollar_of_another_program_is_no_argument():
    source = "ps | awk '{print $1}'\ncat <<'END'\n$1 --env) getopts\nEND\necho \\$2 # $3\n"
    assert rules(source, "--env staging") == ["arguments-ignored"]


def test_a_subcommand_that_is_taken_before_the_flags():
    source = """
action="$1"; shift
while [ "$#" -gt 0 ]; do
  case "$1" in
    --env) env="$2"; shift 2 ;;
    *) exit 2 ;;
  esac
done
run "$action" "$env"
"""
    assert rules(source, "up --env staging") == []
    assert rules(source, "up down") == ["argument-extra"]
    assert rules(source, "--env staging")[0] == "flag-as-value"


def test_a_case_over_the_first_word_knows_its_choices():
    source = 'case "$1" in\n  start|stop) service shop "$1" ;;\n  *) echo "start or stop" >&2; exit 2 ;;\nesac\n'
    assert rules(source, "start") == []
    assert rules(source, "restart") == ["value-not-a-choice"]


GETOPTS = """
while getopts ":e:nq" flag; do
  case "$flag" in
    e) env=$OPTARG ;;
    n) dry=1 ;;
    q) quiet=1 ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ -n "$quiet" ] || echo "going"
deploy "$env" "$@"
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-e staging shop", []),
        ("-qe staging", []),
        ("-estaging", []),
        ("-e", ["value-missing"]),
        ("-n", ["flag-ignored"]),
        ("--env staging", ["flag-unknown"]),
        ("-x", ["flag-unknown"]),
    ],
)
def test_getopts(line, expected):
    assert rules(GETOPTS, line) == expected


def test_getopt_with_long_flags():
    source = """
parsed=$(getopt -o e:n --long env:,dry-run -- "$@") || exit 2
eval set -- "$parsed"
while true; do
  case "$1" in
    -e|--env) env="$2"; shift 2 ;;
    -n|--dry-run) dry=1; shift ;;
    --) shift; break ;;
  esac
done
deploy "$env"
"""
    assert rules(source, "--env staging") == []
    assert rules(source, "--environment staging") == ["flag-unknown"]
    assert rules(source, "--dry-run") == ["dry-run-ignored"]


def test_flags_that_are_compared_in_tests():
    source = """
for arg in "$@"; do
  if [[ "$arg" == "--dry-run" ]]; then DRY=1
  elif [ "$arg" = --if-approved ]; then echo "approval wanted"
  fi
done
[ -n "$DRY" ] || deploy
"""
    assert rules(source, "--dry-run") == ["dry-run-not-shown"]
    assert rules(source, "--if-approved") == ["approval-ignored"]


@pytest.mark.parametrize(
    ("rest", "rule"),
    [
        ('echo "dry: $DRY"', "dry-run-ignored"),
        ('printf "%s\\n" "$DRY"; deploy', "dry-run-ignored"),
        ('echo "$DRY" | deploy --stdin', "dry-run-not-shown"),
        ('echo "$DRY" > mode', "dry-run-not-shown"),
        ('if [ "$DRY" = 1 ]; then exit 0; fi; deploy', "dry-run-not-shown"),
        ("deploy ${DRY:+--dry-run}", "dry-run-not-shown"),
        ("(( DRY )) || deploy", "dry-run-not-shown"),
        ("deploy", "dry-run-ignored"),
        ('DRY="${DRY:-0}"; deploy', "dry-run-ignored"),
        ("export DRY; deploy", "dry-run-not-shown"),
        ("deploy '$DRY'", "dry-run-ignored"),
    ],
)
def test_whether_anything_looks_at_a_dry_run(rest, rule):
    source = (
        f'while [ $# -gt 0 ]; do\n case "$1" in\n --dry-run) DRY=1; shift;;\n *) exit 2;;\n esac\ndone\n{rest}\n'
    )
    assert rules(source, "--dry-run") == [rule]


@pytest.mark.parametrize(
    "source",
    ['exec python3 -m shop "$@"', ". ./lib.sh\nmain", 'eval "$COMMANDS"', 'getopts "$FLAGS" x', 'set -- "$@" x'],
)
def test_arguments_that_go_out_of_sight_are_unknown(source):
    assert rules(source, "--env staging") == ["contract-unknown"]


def test_lines_are_those_of_the_script():
    source = (
        'cat <<END\n--env\nEND\nwhile [ $# -gt 0 ]; do\n  case "$1" in\n    --env)\n      shift ;;\n  esac\ndone\n'
    )
    (option,) = learn("#!/bin/bash\n" + source, "x.sh").options
    assert option.line == 7


@pytest.mark.parametrize(
    "source",
    [
        'case "$1" in --help) echo help; exit 0 ;; esac\nexec gzip -cd "$@"\n',
        'while :; do case "$1" in --x) X=1; shift ;; *) break ;; esac; done; exec tool $X "$@"\n',
        '[ "$1" = --help ] && exit 0\nexec tool "$@"\n',
        'while [ $# -gt 0 ]; do case "$1" in -[abc]*) shift ;; --x) X=1; shift ;; esac; done; go $X\n',
        'case "$1" in -[eq]) quiet=1 ;; esac; go "$quiet"\n',
    ],
)
def test_flags_that_go_to_another_program_or_are_known_by_a_pattern_are_unknown(source):
    assert rules(source, "--env staging")[0] == "contract-unknown"


def test_a_flag_that_one_loop_skips_and_another_takes_is_looked_at():
    source = 'for a in "$@"; do case $a in --x) ;; *) exit 2 ;; esac; done\n'
    source += 'for a in "$@"; do case $a in --x) go ;; esac; done\n'
    assert rules(source, "--x") == []


def test_a_function_that_is_given_all_arguments_is_no_other_program():
    source = 'read_flags() { for a in "$@"; do case $a in --x) go ;; esac; done; }\nread_flags "$@"\n'
    assert rules(source, "--y") == ["flag-unknown"]
    assert rules(source.replace("read_flags()", "other()"), "--y") == ["contract-unknown"]


def test_a_variable_that_holds_the_first_word_is_looked_at_like_it():
    source = "while test $# -ne 0; do\n  flag=$1; shift\n  case $flag in --x) go ;; *) exit 2 ;; esac\ndone\n"
    assert rules(source, "--y") == ["flag-unknown"]
    assert rules(source, "--x") == []


def test_a_first_word_before_words_that_are_passed_on():
    source = 'tool=$1\nshift\nexec "$tool" "$@"\n'
    assert rules(source, "deploy --env staging") == ["contract-unknown"]
    assert rules(source, "--env staging") == ["contract-unknown", "flag-as-value"]
