"""The configuration snapshot of a rollout: enough to explain later under which settings it ran.

Only settings that are not secret are in it; secrets appear as the name of where they are read from.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from golive.evidence.record import Json
from golive.release.revision import Revision
from golive.spec.values import SecretRef, Spec


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """The version control state of the service's folder; `commit` is "" outside git."""

    commit: str
    branch: str
    dirty: tuple[str, ...]  # changed or untracked paths, at most 50
    author: str = ""  # e-mail address of whoever works in it: the author of what is not committed


@dataclass(frozen=True, kw_only=True)
class Commit:
    """One commit of the service's repository."""

    id: str  # full
    author: str  # e-mail address
    subject: str


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Where the controller ran."""

    system: str
    python: str
    tools: Mapping[str, str]  # name → version of what golive relies on


def snapshot(
    spec: Spec, environment: str, revision: Revision, checkout: Checkout, machine: Machine
) -> dict[str, Json]:
    """The snapshot as JSON."""
    place = spec.environments[environment]
    return {
        "service": spec.service,
        "environment": environment,
        "spec_digest": spec.digest,
        "revision": {"digest": revision.digest, "settings": revision.settings},
        "settings": {**spec.revision.env, **place.env},
        "secrets": {k: _named(ref) for k, ref in {**spec.revision.secrets, **place.secrets}.items()},
        "instances": place.instances,
        "strategy": place.strategy.kind,
        "git": {"commit": checkout.commit, "branch": checkout.branch, "dirty": list(checkout.dirty)},
        "system": machine.system,
        "python": machine.python,
        "tools": dict(machine.tools),
    }


def _named(ref: SecretRef) -> str:
    return f"{ref.source}:{ref.name}"
