"""A secret is planted, shouted by application and hooks, and looked for in everything that was written."""

import base64
import sys
from urllib.parse import quote

import pytest

from test_going_live import FAST
from town import town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(200)]
SENTINEL = "hunter2/Zq8+canary=x9"
FORMS = (SENTINEL, base64.b64encode(SENTINEL.encode()).decode().rstrip("="), quote(SENTINEL, safe=""))
SHOUT = "import os, sys; print('the secret is', os.environ['SHOP_TOKEN']); sys.exit(int(sys.argv[1]))"


def test_no_byte_of_a_secret_is_in_evidence_ledger_answers_or_arguments(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", SENTINEL)
    with town(tmp_path / "shop") as shop:
        shop.edit(**FAST)
        hook = {"name": "shout", "run": [sys.executable, "-c", SHOUT, "0"]}
        shop.edit(
            revision={"secrets": {"SHOP_TOKEN": {"env": "SHOP_TOKEN"}}},
            environments={"production": {"hooks": {"before": [hook]}}},
        )
        said = [shop.golive("deploy", "--env", "production")]
        crash = [sys.executable, "-c", SHOUT, "1"]
        shop.edit(revision={"run": crash, "build": [sys.executable, "-c", "print('built')"]})
        said.append(shop.golive("deploy", "--env", "production"))
        said.append(shop.golive("status"))
        said.append(shop.golive("evidence", "list"))
        assert [code for code, _, _ in said] == [0, 1, 0, 0], said
        assert "the secret is" in written(shop.folder / "evidence")  # it was shouted, and taken out
        for place in (shop.folder / "evidence", shop.folder / ".golive" / "revisions", *ledgers(shop.folder)):
            assert not found_in(written(place)), place
        for _, out, err in said:
            assert not found_in(out + err)


def ledgers(folder):
    return list((folder / ".golive").glob("ledger*"))


def written(place):
    files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    return "".join(path.read_bytes().decode("latin-1") for path in files)


def found_in(text):
    return [form for form in FORMS if form in text]


def test_a_command_that_cannot_read_the_secret_keeps_no_output_of_instances_that_know_it(tmp_path, monkeypatch):
    """What cannot be redacted is withheld: a rollback from a shell without the variable."""
    monkeypatch.setenv("SHOP_TOKEN", SENTINEL)
    chatty = (
        "import os, runpy; print(os.environ['SHOP_TOKEN'], flush=True); runpy.run_path('app.py', None, '__main__')"
    )
    at_once = {"kind": "all-at-once", "weights": None, "soak": None}
    with town(tmp_path / "shop") as shop:
        shop.edit(**FAST)
        shop.edit(
            revision={"secrets": {"SHOP_TOKEN": {"env": "SHOP_TOKEN"}}, "run": [sys.executable, "-c", chatty]},
            environments={"production": {"strategy": at_once}},
        )
        for version in ("1.0.0", "2.0.0"):
            shop.release(version)
            assert shop.deploy("production")[0] == 0
        monkeypatch.delenv("SHOP_TOKEN")
        code, out, err = shop.golive("rollback", "--env", "production")
        assert code == 0, out + err
        assert not found_in(written(shop.folder / "evidence") + out + err)
