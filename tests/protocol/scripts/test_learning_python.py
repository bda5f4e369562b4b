"""What a Python program accepts, learned from its text."""

import pytest

from golive.protocol.contracts.check import check
from golive.protocol.contracts.learn import learn


def learned(
    body, head="import argparse\nparser = argparse.ArgumentParser()\n", tail="\nargs = parser.parse_args()\n"
):
    return learn(head + body + tail, "x.py")


def rules(contract, line):
    return [one.rule for one in check(contract, line.split())]


def names(contract):
    return [name for option in contract.options for name in option.names if name not in {"-h", "--help"}]


@pytest.mark.parametrize(
    ("call", "line", "expected"),
    [
        ("'--env'", "--env", ["value-missing"]),
        ("'--env'", "--env --env", ["value-missing", "value-missing"]),
        ("'--env'", "--env=", []),
        ("'--env', nargs='?'", "--env", []),
        ("'--env', nargs='+'", "--env a b c", []),
        ("'--env', nargs='+'", "--env", ["value-missing"]),
        ("'--env', nargs=2", "--env a", ["value-missing"]),
        ("'--env', nargs=2", "--env a b c", ["argument-extra"]),
        ("'--at', type=int", "--at -5", []),
        ("'--now', action='store_true'", "--now=yes", ["value-unwanted"]),
        ("'--now', action='store_true'", "--now yes", ["argument-extra"]),
        ("'--now', action=argparse.BooleanOptionalAction", "--no-now", []),
        ("'--status'", "--stat done", ["flag-abbreviated"]),
        ("'-v', action='count'", "-vvv", []),
        ("'-v', action='count'", "-vx", ["flag-unknown"]),
        ("'-o'", "-ofile", []),
        ("'-o', choices=['a', 'b']", "-oc", ["value-not-a-choice"]),
        ("'-o', choices=['a', 'b']", "-o <artifact>", []),
        ("'what'", "", ["argument-missing"]),
        ("'what'", "a b", ["argument-extra"]),
        ("'what', nargs='?'", "", []),
        ("'what', nargs=argparse.REMAINDER", "a b c", []),
        ("'what', choices=('up', 'down')", "left", ["value-not-a-choice"]),
        ("'what'", "-- --what", []),
        ("'--size', required=True", "", ["flag-missing"]),
    ],
)
def test_what_one_argument_of_argparse_accepts(call, line, expected):
    contract = learned(f"parser.add_argument({call})", tail="\nprint(vars(parser.parse_args()))\n")
    assert contract.known
    assert rules(contract, line) == expected


def test_two_long_flags_that_begin_alike_cannot_be_abbreviated():
    contract = learned(
        "parser.add_argument('--state')\nparser.add_argument('--status')", tail="\nparser.parse_args()"
    )
    assert rules(contract, "--stat x") == ["flag-unknown"]


def test_flags_from_loops_functions_groups_and_parents():
    contract = learn(
        """
import argparse as ap
NAMES = ("--one", "--two")
def shared():
    base = ap.ArgumentParser(add_help=False)
    base.add_argument("--base")
    return base
def more(where, name):
    where.add_argument(f"--{name}")
def main(argv=None):
    parser = ap.ArgumentParser(parents=[shared()])
    for name in NAMES:
        parser.add_argument(name)
    for short, long in (("-a", "--all"), ("-b", "--both")):
        parser.add_argument(short, long)
    group = parser.add_argument_group("more").add_mutually_exclusive_group()
    more(group, "three")
    more(where=parser, name="four")
    if argv:
        parser.add_argument("--five")
    return run(vars(parser.parse_args(argv)))
""",
        "x.py",
    )
    assert contract.known
    assert names(contract) == [
        *("--base", "--one", "--two", "-a", "--all", "-b", "--both", "--three", "--four", "--five")
    ]


def test_subcommands_have_their_own_flags():
    contract = learned(
        """
parser.add_argument("--verbose", action="store_true")
subs = parser.add_subparsers(dest="command", required=True)
log = subs.add_parser("log-artifact", aliases=["log"])
log.add_argument("--path", required=True)
subs.add_parser("seal")
""",
        tail="\nargs = parser.parse_args()\nif args.verbose: print(args.path)\n",
    )
    assert rules(contract, "--verbose log-artifact --path x") == []
    assert rules(contract, "log --path x") == []
    assert rules(contract, "log-artifact") == ["flag-missing"]
    assert rules(contract, "seal --path x") == ["flag-unknown"]
    assert rules(contract, "log-artefact --path x") == ["subcommand-unknown"]
    assert rules(contract, "") == ["subcommand-missing"]


@pytest.mark.parametrize(
    "body",
    [
        "parser.add_argument(*NAMES)",
        "for name in load(): parser.add_argument(name)",
        "parser.add_argument('--x', **given)",
        "parser.add_argument('--x', action=Mine)",
        "elsewhere.add_flags(parser)",
        "parser.register('action', 'x', Mine)",
    ],
)
def test_what_does_not_stand_written_is_unknown(body):
    contract = learned(body)
    assert not contract.known
    assert rules(contract, "--x 1") == ["contract-unknown"]
    assert contract.notes[0].line == 3


def test_a_parser_that_is_given_no_words_looks_at_none():
    contract = learned("parser.add_argument('--env')", tail="\nprint(parser.parse_args([]).env)")
    assert rules(contract, "--env staging") == ["arguments-ignored"]


@pytest.mark.parametrize(
    ("use", "ignored"),
    [
        ("run(args.env)", False),
        ("print(f'going to {args.env}')", False),
        ("getattr(args, 'env')", False),
        ("vars(args)", False),
        ("elsewhere.run(args)", False),
        ("env = args.env\nrun(env)", False),
        ("env = args.env", True),
        ("args.env = 'staging'", True),
        ("pass", True),
        ("run(arguments.env)", False),  # errs towards looked-at
    ],
)
def test_a_flag_that_nothing_looks_at_is_found(use, ignored):
    contract = learned("parser.add_argument('--env')", tail=f"\nargs = parser.parse_args()\n{use}\n")
    assert rules(contract, "--env staging") == (["flag-ignored"] if ignored else [])


@pytest.mark.parametrize(
    ("use", "rule"),
    [
        ("print('dry run', args.dry_run)", "dry-run-ignored"),
        ("logging.info('dry run %s', args.dry_run)", "dry-run-ignored"),
        ("print(str(args.dry_run))", "dry-run-ignored"),
        ("print(deploy(args.dry_run))", "dry-run-not-shown"),
        ("if not args.dry_run: deploy()", "dry-run-not-shown"),
        ("print('nothing done' if args.dry_run else deploy())", "dry-run-not-shown"),
    ],
)
def test_telling_about_a_dry_run_is_not_looking_and_looking_is_not_honouring(use, rule):
    contract = learned(
        "parser.add_argument('--dry-run', action='store_true')", tail=f"\nargs = parser.parse_args()\n{use}\n"
    )
    assert rules(contract, "--dry-run") == [rule]


def test_parsed_values_that_go_through_functions_of_the_file():
    contract = learn(
        """
import argparse
def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--used")
    parser.add_argument("--unused")
    args = parser.parse_args()
    return args
def act(args):
    run(args.used)
args = parse()
act(args)
""",
        "x.py",
    )
    assert rules(contract, "--used 1 --unused 1") == ["flag-ignored"]


CLICK = """
import click
KINDS = ["smoke", "soak"]
@click.group()
@click.version_option()
def cli():
    pass
@cli.command("collect-perf")
@click.option("--scenario", "-s", "kind", type=click.Choice(KINDS), required=True)
@click.option("--quiet/--loud", default=False)
@click.option("--pair", nargs=2)
@click.argument("target")
@click.argument("more", nargs=-1)
def collect(kind, quiet, pair, target, more):
    run(kind, pair, target, more)
@cli.group()
def deep(): ...
@deep.command()
@click.option("--yes", is_flag=True)
def inner_most(yes):
    click.echo(yes)
if __name__ == "__main__":
    cli()
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("collect-perf -s smoke here there", []),
        ("collect-perf --scenario=soak --pair a b --loud here", ["flag-ignored"]),
        ("collect-perf --scenario stress here", ["value-not-a-choice"]),
        ("collect-perf --scen smoke here", ["flag-missing", "flag-unknown"]),
        ("collect-perf -s smoke", ["argument-missing"]),
        ("deep inner-most --yes", []),
        ("deep inner-most --yes now", ["argument-extra"]),
        ("deep", ["subcommand-missing"]),
        ("collect_perf", ["subcommand-unknown"]),
    ],
)
def test_what_a_click_program_accepts(line, expected):
    contract = learn(CLICK, "x.py")
    assert contract.known
    assert sorted(rules(contract, line)) == expected


def test_a_decorator_of_ones_own_may_add_flags():
    contract = learn("import click\n@click.command()\n@common\n@click.option('--x')\ndef go(x): run(x)\n", "x.py")
    assert not contract.known


TYPER = """
import typer
from typing import Annotated
app = typer.Typer()
@app.command()
def deploy(
    service: str,
    env: Annotated[str, typer.Option("--env", "-e")],
    size_mb: int = 5,
    fast: bool = False,
    note: str = typer.Option(None, "--note"),
):
    run(service, env, size_mb, fast, note)
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("shop --env staging --size-mb 3 --no-fast --note x", []),
        ("shop -e staging", []),
        ("shop", ["flag-missing"]),
        ("--env staging", ["argument-missing"]),
        ("shop --env staging --size 3", ["flag-unknown", "argument-extra"]),
    ],
)
def test_what_a_typer_program_accepts(line, expected):
    assert rules(learn(TYPER, "x.py"), line) == expected


@pytest.mark.parametrize(
    "source",
    [
        "import docopt\ndocopt.docopt(__doc__)",
        "from shop.cli import main\nmain()",
        "import runpy\nrunpy.run_module('shop')",
        "import sys\nif '--env' in sys.argv: run()",
        "import sys\nif sys.argv[1] == '--env': run(sys.argv[2])",
        "exec(open('other.py').read())",
        "def broken(:",
        "import argparse\nfirst = argparse.ArgumentParser()\nsecond = argparse.ArgumentParser()",
    ],
)
def test_unknown_is_an_answer_and_never_a_pass(source):
    contract = learn(source, "x.py")
    assert rules(contract, "--env staging") == ["contract-unknown"]
    assert rules(contract, "--env staging --dry-run") == ["contract-unknown", "dry-run-not-shown"]


def test_the_first_line_says_the_language_before_the_ending_does():
    assert learn("#!/bin/sh\necho hi\n", "x.py").language == "shell-plain"
    assert learn("#!/usr/bin/env -S python3 -u\nprint(1)\n", "deploy").language == "python-plain"
    assert learn("#!/usr/bin/perl\n", "x.sh").language == "unknown"
    assert learn("\ufeffprint(1)\r\n", "x.py").language == "python-plain"


def test_a_function_that_makes_the_parser_may_be_called_twice():
    source = """
import argparse
def make():
    parser = argparse.ArgumentParser()
    parser.add_argument("--env")
    return parser
def usage():
    make().print_help()
def main():
    usage()
    print(make().parse_args().env)
"""
    assert rules(learn(source, "x.py"), "--env staging") == []
