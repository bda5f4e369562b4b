"""Follow the protocol of this folder with real commands, as ann, bob and carl would; then with a broken release.

    python play.py [FOLDER]      plays in FOLDER, which is made anew; default: .demo/storefront here

Exit 0 when everything ended as it should: the first run to the end with every command at exit 0, the second one
halted at the staging deploy with production untouched.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

HERE = Path(__file__).resolve().parent
SHOP = HERE.parent / "storefront"
DOCUMENT = "protocols/6-operations.md"
WAIVED = {"on-call-reachable": "no pager on this machine"}
PAGES = "19094"  # where alerts arrive, as golive.yaml says; here another port may be free


class Play:
    """A folder, three people, and a terminal that shows what they type."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = PAGES
        self.keys = folder.parent / f"{folder.name}-keys"
        self.path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))

    def types(self, who: str, *words: str, ends: int = 0) -> str:
        """A command as somebody types it; it must end with this exit code."""
        print(f"\n\033[1m{who} $ {' '.join(words)}\033[0m", flush=True)
        env = {**os.environ, "PATH": self.path, "GOLIVE_ACTOR": who}
        ran = subprocess.run(words, cwd=self.folder, env=env, stdout=subprocess.PIPE, text=True, check=False)
        print(ran.stdout, end="", flush=True)
        if ran.returncode != ends:
            raise SystemExit(f"this ended with exit {ran.returncode}, not {ends}")
        return ran.stdout

    def golive(self, who: str, *words: str, ends: int = 0) -> str:
        return self.types(who, "golive", *words, ends=ends)

    def quietly(self, *words: str) -> None:
        subprocess.run(words, cwd=self.folder, check=True, capture_output=True)

    def key(self, who: str) -> str:
        return str(self.keys / who)

    def make_key(self, who: str) -> None:
        self.keys.mkdir(exist_ok=True)
        key = Ed25519PrivateKey.generate()
        place = Path(self.key(who))
        place.touch(mode=0o600)
        place.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        place.with_suffix(".pub").write_bytes(public + b"\n")

    def release(self, version: str, **faults: str) -> None:
        (self.folder / "release.json").write_text(json.dumps({"version": version, "faults": faults}))

    def weights(self) -> dict[str, int]:
        told = self.golive("carl", "status", "--env", "production", "--json")
        return dict(json.loads(told)["environments"][0]["weights"])


def fresh(folder: Path) -> Play:
    """The folder as a team has it when it begins: application, runbook, protocol, a repository with a remote."""
    for old in (folder, folder.parent / f"{folder.name}-keys", folder.parent / f"{folder.name}-remote"):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(
        SHOP, folder, ignore=shutil.ignore_patterns(".*", "evidence", "__pycache__", "README.md", "demo*")
    )
    for name in ("golive.yaml", "runbook.md", "checks", "protocols"):
        source = HERE / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name, **({"dirs_exist_ok": True} if source.is_dir() else {}))
    play = Play(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        play.pages = str(free.getsockname()[1])
    specification = folder / "golive.yaml"
    specification.write_text(specification.read_text().replace(PAGES, play.pages))
    remote = folder.parent / f"{folder.name}-remote"
    (folder / ".token").touch(mode=0o600)
    (folder / ".token").write_text("a-token-of-the-shop-0123456789")
    (folder / ".gitignore").write_text(".golive/\n.token\n.collector\n__pycache__/\n")
    play.quietly("git", "init", "--quiet", "--bare", str(remote))
    play.quietly("git", "init", "--quiet")
    play.quietly("git", "config", "user.name", "dora")
    play.quietly("git", "config", "user.email", "dora@example.org")
    play.quietly("git", "remote", "add", "origin", str(remote))
    return play


@contextmanager
def collector(play: Play) -> Iterator[None]:
    """Where metrics, logs and traces go, and who hears of alerts, for a team that has neither."""
    child = subprocess.Popen([sys.executable, "checks/collector.py", ".collector"], cwd=play.folder)
    pager = subprocess.Popen(
        [f"{sysconfig.get_path('scripts')}/golive", "observe", "listen", "--port", play.pages],
        cwd=play.folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not (play.folder / ".collector").exists() or not (play.folder / ".collector").read_text():
            time.sleep(0.05)
        yield
    finally:
        for one in (child, pager):
            one.kill()
            one.wait()


@contextmanager
def users(play: Play) -> Iterator[None]:
    """Somebody looks at products all the time."""
    told = play.golive("carl", "status", "--env", "production", "--json")
    url = json.loads(told)["environments"][0]["entry"] + "/products"
    gone = threading.Event()

    def look() -> None:
        while not gone.wait(0.05):
            with suppress(OSError):
                urllib.request.urlopen(url, timeout=5).read()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        gone.set()
        looking.join()


def watched(play: Play) -> None:
    """Every alert is seen to arrive, every panel to move, nothing that is promised is left out or has called."""
    play.golive("carl", "observe", "watch", "--env", "production", "--background", "--interval", "2")
    with users(play):
        for proof in (("prove",), ("panels",), ("coverage",), ("review", "--hours", "0.05")):
            play.golive("carl", "observe", *proof, "--env", "production")


def signs(play: Play, *people: str) -> None:
    for who in people:
        play.golive(who, "approve", "--env", "production", "--yes", "--key", play.key(who))


def beginnings(play: Play) -> None:
    """A team that has been live for a while: people, policy, two releases, a rollback that was tried."""
    play.release("1.0.0")
    play.golive("carl", "init")
    play.golive("carl", "task", "init")
    play.quietly("git", "add", "-A")
    play.quietly("git", "commit", "--quiet", "-m", "Storefront 1.0.0")
    for who in ("ann", "bob"):
        play.make_key(who)
    ann = ("--key", play.key("ann"))
    play.golive("ann", "roster", "init", "ann", "--role", "operations-lead", "--email", "ann@example.org", *ann)
    play.golive(
        "ann", "roster", "add", "bob", "--role", "technical-lead", "--their-key", f"{play.key('bob')}.pub", *ann
    )
    play.golive("ann", "policy", "set", "--env", "production", "--waiver-role", "operations-lead", *ann)
    for version in ("1.0.0", "1.0.1"):
        play.release(version)
        play.golive("carl", "deploy", "--env", "staging")
        play.golive("carl", "deploy", "--env", "production", "--if-approved", ends=3)
        signs(play, "ann", "bob")
        play.golive("carl", "deploy", "--env", "production", "--if-approved")
    play.golive("carl", "rollback", "--env", "staging", "--why", "a rehearsal")
    watched(play)
    for claim, reason in WAIVED.items():
        play.golive("ann", "waive", claim, "--env", "production", "--days", "1", "--reason", reason, "--yes", *ann)


def follow(play: Play) -> None:
    """The protocol with a good release: it waits for two people once, and then goes to the end."""
    play.release("1.1.0")
    play.quietly("git", "add", "-A")
    play.quietly("git", "commit", "--quiet", "-m", "Storefront 1.1.0")
    play.golive("carl", "protocol", "plan", DOCUMENT)
    play.golive("carl", "protocol", "run", DOCUMENT, ends=4)
    play.golive("carl", "protocol", "trust", DOCUMENT)
    run = ("protocol", "run", DOCUMENT, "--yes", "operations-lead")
    play.golive("carl", *run, ends=3)
    signs(play, "ann", "bob")
    play.golive("carl", *run)
    play.golive("carl", "protocol", "status", DOCUMENT)
    play.golive("carl", "evidence", "verify")
    checklist = json.loads(play.golive("carl", "protocol", "status", DOCUMENT, "--json"))
    left = [line for line in checklist["lines"] if line["word"] in ("open", "failed")]
    if left or checklist["outcome"] != "completed":
        raise SystemExit(f"this was to be complete: {left}")


def follow_with_a_broken_release(play: Play) -> None:
    """The same with a release that never gets healthy: it halts at the staging deploy."""
    before = play.weights()
    play.release("1.2.0", STOREFRONT_CRASH_ON_START="1")
    play.golive("carl", "protocol", "run", DOCUMENT, "--yes", "operations-lead", ends=1)
    told = json.loads(play.golive("carl", "protocol", "status", DOCUMENT, "--json"))
    failed = [line["text"] for line in told["lines"] if line["word"] == "failed"]
    if failed != ["scripts/deploy_backend.sh --env staging"] or play.weights() != before:
        raise SystemExit(f"it was to halt at the staging deploy with production untouched: {failed}")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else HERE / ".demo" / "storefront").resolve()
    play = fresh(folder)
    try:
        with collector(play):
            beginnings(play)
            follow(play)
            follow_with_a_broken_release(play)
    finally:
        for environment in ("staging", "production"):
            if (folder / ".golive" / "environments" / environment).exists():
                play.golive("carl", "down", "--env", environment)
    print(f"\neverything ended as it should; evidence: {folder}/evidence, checklists: operations/protocol/")


if __name__ == "__main__":
    main()
