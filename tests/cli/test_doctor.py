"""The doctor names what is missing, and how to get it."""

import json
import os
import socket
import subprocess
import sys

SPEC = """
service: shop
owner: me
revision: {{run: [{program}, app.py], secrets: {{TOKEN: {{env: SHOP_TOKEN_OF_THIS_TEST}}}}}}
environments:
  staging: {{target: {{kind: local, port: {port}}}, instances: 1, strategy: {{kind: all-at-once}}}}
"""


def examined(folder, **env):
    command = [sys.executable, "-m", "golive", "doctor", "--json"]
    run = subprocess.run(
        command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, timeout=100, check=False
    )
    answer = json.loads(run.stdout)
    return run.returncode, {found["name"]: found for found in answer["findings"]}


def test_a_folder_without_a_specification(tmp_path):
    code, found = examined(tmp_path)
    assert code == 1
    assert found["golive.yaml"]["fix"].startswith("golive init")
    assert found[".gitignore"]["fix"] == "echo '.golive/' >> .gitignore"
    assert found["Envoy"]["state"] == "ok"


def test_a_missing_program_secret_and_port_are_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "golive.yaml").write_text(SPEC.format(program="no-such-program", port=port))
        code, found = examined(tmp_path)
    assert code == 1
    assert found["run: no-such-program"]["state"] == "missing"
    assert found[f"port {port} (staging)"]["state"] == "missing"
    assert "export SHOP_TOKEN_OF_THIS_TEST" in found["secret TOKEN (staging)"]["fix"]


def test_when_nothing_is_missing_the_answer_is_yes(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "golive.yaml").write_text(SPEC.format(program="python3", port=port))
    code, found = examined(tmp_path, SHOP_TOKEN_OF_THIS_TEST="x")
    assert code == 0, found
    assert not list(tmp_path.glob(".golive"))
