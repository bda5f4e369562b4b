"""What `golive doctor` looks at."""

import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from golive.assembly.place import Folders, folders, specification
from golive.assembly.views import read_back
from golive.errors import Failure

if TYPE_CHECKING:
    from golive.drivers.machine import Finding
    from golive.spec.values import Spec


async def examine(file: str) -> "tuple[Finding, ...]":
    """What `golive doctor` looks at: this machine, this folder, and what the specification names."""
    from golive.drivers import machine

    here = folders(file)
    found = list(machine.examine(here.root, here.state))
    try:
        spec, _ = specification(file)
    except Failure as failure:
        fault = machine.Finding(name=file, state="missing", what=failure.what, fix=failure.next)
        return (*found, fault)
    found.append(machine.Finding(name=file, state="ok", what=f"{spec.service}: {', '.join(spec.environments)}"))
    return (*found, *[finding async for finding in _examine_named(spec, here)])


async def _examine_named(spec: "Spec", here: Folders) -> "AsyncIterator[Finding]":
    """Programs, ports and secrets that the specification names."""
    from golive.drivers import machine
    from golive.drivers.targets.secrets import resolve

    for command, use in ((spec.revision.build, "build"), (spec.revision.run, "run")):
        if command:
            yield machine.program(command[0], here.root, use)
    for name, chosen in spec.environments.items():
        running, _ = await read_back(here.environment(name))
        if chosen.target.port and running is None:
            yield machine.port(chosen.target.port, chosen.target.host, name)
        for variable, ref in {**spec.revision.secrets, **chosen.secrets}.items():
            try:
                resolve({variable: ref}, root=here.root, environ=os.environ)
            except Failure as failure:
                named = f"secret {variable} ({name})"
                yield machine.Finding(name=named, state="missing", what=failure.why, fix=failure.next)
