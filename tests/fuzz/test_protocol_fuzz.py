"""A bounded run of the coverage-guided fuzzer, where it is installed."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_no_bytes_bring_the_parser_down(tmp_path):
    fuzzer = Path(__file__).with_name("protocol_atheris.py")
    ran = subprocess.run(
        [sys.executable, str(fuzzer), "-runs=20000", "-max_total_time=60"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode(errors="replace")[-2000:]
