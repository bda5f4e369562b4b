"""Which key a person signs with, when they did not say so at length."""

from collections.abc import Mapping
from pathlib import Path

from golive.drivers.signers import agent, keyfile
from golive.drivers.signers.keyfile import Ask
from golive.errors import Exit, Failure
from golive.evidence.signing.keys import Signer, public_key


def signer(path: Path | None, environ: Mapping[str, str], ask: Ask) -> Signer:
    """The signer of `path` (a private key, or a `.pub` file whose key an agent holds).

    Without a path: the only Ed25519 key of the agent, else `~/.ssh/id_ed25519`.
    """
    address = environ.get("SSH_AUTH_SOCK", "")
    if path is not None:
        return _named(path, address, ask)
    held = agent.keys(address) if address else ()
    if len(held) == 1:
        return held[0]
    usual = Path(environ.get("HOME") or "~").expanduser() / ".ssh" / "id_ed25519"
    if usual.exists():
        return _named(usual, address, ask)
    raise Failure(
        where="your key",
        what="there is no key to sign with" if not held else "it is not clear which key to sign with",
        why=f"{usual} is not there; Ed25519 keys in the ssh-agent: {len(held)}",
        next="name one with --key, or make one: ssh-keygen -t ed25519",
        code=Exit.USAGE,
    )


def _named(path: Path, address: str, ask: Ask) -> Signer:
    if path.suffix != ".pub":
        return keyfile.read(path, ask)
    try:
        wanted = public_key(path.read_text(errors="replace"), str(path))
    except OSError as error:
        raise Failure(
            where=str(path),
            what="this key file cannot be read",
            why=error.strerror or str(error),
            next="name another with --key",
            code=Exit.USAGE,
        ) from error
    for held in agent.keys(address) if address else ():
        if held.public == wanted:
            return held
    raise Failure(
        where=str(path),
        what="no ssh-agent holds the private part of this key",
        why=f"looked for {wanted.fingerprint}",
        next=f"ssh-add {path.with_suffix('')}, or give that private key file with --key",
        code=Exit.USAGE,
    )
