"""What every way of performing a document's commands promises."""

import asyncio
import stat

import pytest

from golive.drivers.directives import LocalDirectives
from golive.drivers.simulated.directives import SimulatedDirectives
from golive.errors import Exit, Failure

CODES = {"scripts/fine.sh": 0, "scripts/waits.sh": 3, "scripts/fails.sh": 1}


@pytest.fixture(params=["local", "simulated"])
def directives(request, tmp_path):
    if request.param == "simulated":
        return SimulatedDirectives(scripts=CODES)
    (tmp_path / "scripts").mkdir()
    for name, code in CODES.items():
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} said {code}"\nexit {code}\n')
        (tmp_path / name).chmod(stat.S_IRWXU)
    return LocalDirectives(root=tmp_path, evidence=tmp_path / "evidence", environ={"PATH": "/usr/bin:/bin"})


@pytest.mark.parametrize("script", list(CODES))
def test_a_command_ends_with_its_code_and_what_it_said(directives, script):
    done = asyncio.run(directives.perform((script, "--env", "staging")))
    assert done.exit_code == CODES[script]
    assert done.because == f"{script} said {CODES[script]}"
    assert done.because.encode() in done.stdout
    assert done.took.total_seconds() >= 0


def test_a_script_that_is_not_there_is_a_failure_and_nothing_was_run(directives):
    with pytest.raises(Failure) as refused:
        asyncio.run(directives.perform(("scripts/nobody-wrote-this.sh",)))
    assert refused.value.code == Exit.USAGE
    assert refused.value.next
