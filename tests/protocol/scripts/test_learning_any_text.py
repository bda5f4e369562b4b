"""Any text at all gives a contract, and twice the text costs about twice the work."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.protocol.contracts.check import check
from golive.protocol.contracts.contract import Contract
from golive.protocol.contracts.learn import learn

SHELL_PARTS = """#!/bin/sh~
~ ~;~'~"~\\~$~${~}~{~(~)~|~&~<<E
~E
~#~case ~$1~ in ~--env)~*)~;;~esac~while ~do ~done~getopts ~a:b~getopt -o ~shift 2
~"$@"~f() {~for a in ~if [ ~ = ~--x
~
then ~fi~A=~=*)~# golive: flag """
PYTHON_PARTS = """import argparse
~import click
~import typer
~p = argparse.ArgumentParser(~)
~p~.~(~)~p.add_argument(~'--a'~, ~nargs=~2~'+'~**k~*a~action=~'store_true'~@click.option(~@click.command()
~def f(a, b=1, *, c: int = 2):
  ~return ~for i in (1, 2): ~class A:
  ~
~p.parse_args(~p.add_subparsers(~sys.argv~[1]~f(p)~f()~print(~x = ~# golive: effect=~[]"""
WORDS = st.lists(st.sampled_from(["--a", "--env=x", "-", "--", "-ab", "x", "--dry-run", "-5", ""]), max_size=5)


def texts(parts):
    return st.lists(st.sampled_from(parts.split("~")) | st.text(max_size=3), max_size=60).map("".join)


@settings(max_examples=400, deadline=None)
@given(texts(SHELL_PARTS) | texts(PYTHON_PARTS) | st.text(), st.sampled_from(["x.py", "x.sh", "x"]), WORDS)
def test_any_text_gives_a_contract_and_any_words_can_be_held_against_it(source, path, words):
    contract = learn(source, path)
    assert isinstance(contract, Contract)
    if not contract.known:
        assert not words or check(contract, words), "unknown is a finding"


def work(source, path):
    """How many functions are called to learn one text: the same each time, unlike seconds."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        learn(source, path)
    finally:
        sys.setprofile(None)
    return calls


NEXT = "p.add_argument('--a')\n"
GROWING = {
    "nested functions": ("x.sh", lambda n: "".join(f"f{i}() {{\n" for i in range(n))),
    "calls of functions": (
        "x.sh",
        lambda n: "".join(f'f{i}() {{ f{i + 1} "$@"; }}\n' for i in range(n)) + 'f0 "$@"',
    ),
    "clauses": ("x.sh", lambda n: 'while :; do case "$1" in\n' + "--a) A=$2; shift 2 ;;\n" * n + "esac; done\n"),
    "open cases": ("x.sh", lambda n: "case $1 in --a) " * n),
    "here-documents": ("x.sh", lambda n: "cat <<E\n" * n),
    "quotes": ("x.sh", lambda n: "\"'${" * n),
    "tests": ("x.sh", lambda n: '[ "$1" = --a ] && A=1\n' * n),
    "echoes": ("x.sh", lambda n: "echo $A " * n),
    "declarations": ("x.sh", lambda n: "# golive: flag --a VALUE\n" * n),
    "arguments": (
        "x.py",
        lambda n: f"import argparse\np = argparse.ArgumentParser()\n{NEXT * n}p.parse_args()",
    ),
    "calls": (
        "x.py",
        lambda n: "import argparse\n" + "x = 1\n" * n + "def f(a): x = a\n" + "f(1)\n" * n,
    ),
    "commands": ("x.py", lambda n: "import click\n" + "@click.command()\ndef f(a): print(a)\n" * n),
}


@pytest.mark.parametrize("name", GROWING)
def test_the_work_grows_with_the_text_and_not_faster(name):
    path, text = GROWING[name]
    assert work(text(1600), path) < 5 * work(text(400), path)


def test_a_text_that_is_too_large_is_unknown():
    assert not learn("#!/bin/sh\n" + "x" * 600_000, "x.sh").known
