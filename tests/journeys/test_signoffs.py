"""Staging, two people who sign with their own keys on their own machines, production; and every way around."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from town import Town, town

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]
QUICK = {
    "environments": {
        "staging": {"instances": 1},
        "production": {"instances": 1, "strategy": {"kind": "all-at-once", "weights": None, "soak": None}},
    }
}


@dataclass
class Someone:
    """A person with a home, a key and a checkout of their own."""

    name: str
    home: Path

    @property
    def env(self) -> dict[str, str]:
        return {"HOME": str(self.home), "GOLIVE_ACTOR": self.name, "SSH_AUTH_SOCK": ""}

    @property
    def key(self) -> Path:
        return self.home / ".ssh" / "id_ed25519"


def someone(folder: Path, name: str) -> Someone:
    person = Someone(name=name, home=folder / f"home-of-{name}")
    (person.home / ".ssh").mkdir(parents=True, mode=0o700)
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(person.key)]
    if shutil.which("ssh-keygen") is None:
        make = ["python3", "-c", "raise SystemExit('no ssh-keygen')"]
    subprocess.run(make, check=True)
    return person


@pytest.fixture
def people(tmp_path):
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not here")
    return {name: someone(tmp_path, name) for name in ("ann", "bob", "carl")}


@pytest.fixture
def shop(tmp_path, people):
    """Live in staging by carl; ann and bob are asked before production."""
    with town(tmp_path / "shop") as built:
        built.edit(**QUICK)
        built.release("1.0.0")
        ann, bob, carl = (people[name] for name in ("ann", "bob", "carl"))
        does(built, ann, "roster", "init", "ann", "--role", "operations-lead")
        their = f"{bob.key}.pub"
        does(built, ann, "roster", "add", "bob", "--role", "sre", "--their-key", their)
        does(built, ann, "policy", "set", "--env", "production", "--persons", "2")
        does(built, carl, "deploy", "--env", "staging")
        yield built


def does(shop: Town, person: Someone, *words: str, code: int = 0, folder: Path | None = None) -> str:
    found, out, err = shop.golive(*words, who=person.env, folder=folder)
    assert found == code, f"{words}: exit {found}\n{out}\n{err}"
    return out + err


def goes_live(shop: Town, person: Someone, code: int) -> str:
    return does(shop, person, "deploy", "--env", "production", "--if-approved", code=code)


def signs(shop: Town, person: Someone, *words: str, code: int = 0) -> str:
    return does(shop, person, "approve", "--env", "production", "--yes", *words, code=code)


def test_two_people_sign_on_their_own_machines_and_then_it_goes_live(shop, people, tmp_path):
    ann, bob, carl = people.values()
    waiting = goes_live(shop, carl, 3)
    assert "2 more persons" in waiting
    assert "ann: golive approve --env production --role operations-lead" in waiting
    assert "bob: golive approve --env production --role sre" in waiting
    does(shop, carl, "deploy", "--env", "production", code=4)  # leaving the option out opens no door

    signs(shop, ann)
    assert "1 more person" in goes_live(shop, carl, 3)

    clone = tmp_path / "clone-of-bob"
    shutil.copytree(shop.folder, clone, ignore=shutil.ignore_patterns(".golive"))
    before = (clone / "evidence/operations/records.jsonl").read_bytes()
    refused = does(shop, bob, "approve", "--env", "production", "--yes", code=2, folder=clone)
    assert "fork the log" in refused
    does(shop, bob, "approve", "--env", "production", "--yes", "--output", "bob.dsse.json", folder=clone)
    assert (clone / "evidence/operations/records.jsonl").read_bytes() == before
    carried = clone / "bob.dsse.json"
    does(shop, carl, "approve", "--env", "production", "--import", str(carried))

    assert "succeeded" in goes_live(shop, carl, 0)
    does(shop, carl, "evidence", "verify")
    assert "waits for sign-offs" in goes_live(shop, carl, 3)  # the request is spent


def test_a_sign_off_taken_back_a_reject_and_the_deployers_own_count_for_nothing(shop, people):
    ann, bob, carl = people.values()
    goes_live(shop, carl, 3)
    signs(shop, ann)
    signs(shop, bob)
    assert "bob: deploys it" in goes_live(shop, bob, 3)
    signs(shop, bob, "--revoke")
    assert "1 more person" in goes_live(shop, carl, 3)
    signs(shop, bob, "--reject", "--why", "the search is slow")
    assert "the search is slow" in goes_live(shop, carl, 3)
    assert "nobody in the roster has the key" in signs(shop, carl, code=4)


def test_whoever_left_the_roster_does_not_count_any_more(shop, people):
    ann, bob, carl = people.values()
    goes_live(shop, carl, 3)
    signs(shop, ann)
    signs(shop, bob)
    does(shop, ann, "roster", "remove", "bob")
    assert "bob: not in the roster" in goes_live(shop, carl, 3)


def test_another_build_is_another_request(shop, people):
    ann, bob, carl = people.values()
    goes_live(shop, carl, 3)
    signs(shop, ann)
    signs(shop, bob)
    shop.release("1.0.1")
    does(shop, carl, "deploy", "--env", "staging")
    assert "2 more persons" in goes_live(shop, carl, 3)


def test_a_byte_changed_after_signing_is_refused_at_first_traffic(shop, people):
    ann, bob, carl = people.values()
    spoil = (
        "import pathlib, os\n"
        "for path in pathlib.Path('.golive/revisions').glob('*/files/*.py'):\n"
        "    os.chmod(path.parent, 0o755); os.chmod(path, 0o644)\n"
        "    path.write_bytes(path.read_bytes() + b'#')\n"
    )
    (shop.folder / "spoil.py").write_text(spoil)
    shop.edit(smoke={"steps": None, "command": ["python3", "spoil.py"]})
    shop.edit(environments={"production": {"requires": []}})
    goes_live(shop, carl, 3)
    signs(shop, ann)
    signs(shop, bob)
    told = goes_live(shop, carl, 1)
    shifts = [r for r in shop.records("step.began") if r["env"] == "production" and "shift" in r["data"]["key"]]
    assert [s for s in shifts if not s["data"]["key"].endswith(" 0")] == [], told
    confirms = [r for r in shop.records("step.ended") if r["data"]["key"].startswith("confirm")]
    assert confirms, told
    assert {r["result"] for r in confirms} == {"failed"}
    assert "changed" in confirms[0]["data"]["because"] or "hash" in confirms[0]["data"]["because"]


def verdicts(shop: Town, person: Someone, code: int) -> dict[str, str]:
    found, out, err = shop.golive("gate", "--env", "production", "--json", who=person.env)
    assert found == code, out + err
    return {claim["id"]: claim["verdict"] for claim in json.loads(out)["claims"]}


def test_the_gate_takes_proof_or_a_signed_waiver_and_nothing_else(shop, people):
    ann, bob, carl = people.values()
    does(shop, ann, "policy", "set", "--env", "production", "--persons", "2", "--waiver-role", "operations-lead")
    own = {"id": "on-call-reachable", "statement": "a page is acknowledged", "lifetime": "1h"}
    shop.edit(claims=[{**own, "exercise": ["true"], "control": ["false"]}])
    does(shop, carl, "deploy", "--env", "staging")
    goes_live(shop, carl, 3)
    signs(shop, ann)
    signs(shop, bob)
    goes_live(shop, carl, 0)
    does(shop, carl, "ready", "--env", "production", "--only", "on-call-reachable")

    now = verdicts(shop, carl, 3)
    proven = ("deployed", "staging-passed", "deploy-recorded", "smoke-passed", "bytes-verified", "signed-off")
    assert {now[name] for name in (*proven, "evidence-verified", "on-call-reachable")} == {"proven"}
    assert now["alerts-proven"] == "unproven"
    words = ("waive", "alerts-proven", "--env", "production", "--reason", "next week", "--yes")
    assert "may not waive" in does(shop, bob, *words, code=4)
    does(shop, ann, *words)
    assert verdicts(shop, carl, 3)["alerts-proven"] == "waived"
    does(shop, ann, *words, "--revoke")
    assert verdicts(shop, carl, 3)["alerts-proven"] == "unproven"

    load = ("perf", "--env", "production", "--rate", "40", "--seconds", "2", "--output", "perf.json")
    assert "40 requests/s, 20 may be" in does(shop, carl, *load, code=4)
    assert verdicts(shop, carl, 3)["load-within-objectives"] == "unproven"
    does(shop, ann, "waive", "load-within-limits", "--env", "production", "--reason", "agreed", "--yes")
    does(shop, carl, *load)
    assert verdicts(shop, carl, 3)["load-within-objectives"] == "proven"

    shop.edit(claims=[{**own, "exercise": ["true"], "control": ["true"]}])
    stale = verdicts(shop, carl, 3)
    assert (stale["deployed"], stale["on-call-reachable"]) == ("stale", "stale")  # another configuration
    does(shop, carl, "ready", "--env", "production", "--only", "on-call-reachable", code=3)
    assert verdicts(shop, carl, 3)["on-call-reachable"] == "unproven"  # its control stays green
    does(shop, carl, "claims", "selftest", "--env", "production", code=1)
    signs(shop, bob, "--reject", code=2)  # nothing waits any more
    does(shop, carl, "evidence", "verify")
