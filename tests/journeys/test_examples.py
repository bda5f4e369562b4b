"""Both examples play their story to the end, in a folder that is kept."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.journey, pytest.mark.timeout(500)]


@pytest.mark.parametrize("example", ["storefront", "datasette"])
def test_the_demo_tells_its_story(example):
    run = subprocess.run(
        [sys.executable, "-m", "golive", "demo", "--example", example, "--json"],
        capture_output=True,
        text=True,
        timeout=450,
        check=False,
    )
    if example == "datasette" and "registry" in run.stderr:
        pytest.skip("no package registry can be reached")
    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(run.stdout)
    ends = [r["outcome"] for r in told["releases"] if r["environment"] == "production"]
    assert ends == ["succeeded", "succeeded", "rolled_back"]
    assert told["requests"] > 0
    kept = ROOT / "examples" / example / ".demo"
    verify = [sys.executable, "-m", "golive", "evidence", "verify"]
    assert subprocess.run(verify, cwd=kept, check=False).returncode == 0
