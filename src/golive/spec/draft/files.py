"""The files that `golive init` adds: golive.yaml, lines of .gitignore, a CI job."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from golive.errors import Failure
from golive.spec.crosschecks import FILL_IN
from golive.spec.draft.application import NOTHING, recognise
from golive.spec.draft.folder import Folder
from golive.spec.draft.found import Found
from golive.spec.draft.owner import owner, service_name
from golive.spec.fault import printable
from golive.spec.flow import flow
from golive.spec.parse import parse

SPEC = "golive.yaml"
STATE = ".golive/"
IGNORED = re.compile(r"^/?\.golive/?\s*$", re.MULTILINE)
NEVER_SHIPPED = (".env", ".env.*", ".github/**")  # an .env file holds secrets more often than not
OTHER_CI = (
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "Jenkinsfile",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
)
GITHUB, GITLAB = ".github/workflows/golive.yml", "golive.gitlab-ci.yml"
USUAL_INSTANCES = 2  # the fewest that survive the loss of one


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to write; never over one that is there. With `append` its text is added to one that is."""

    path: str
    text: str
    append: bool = False
    executable: bool = False


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a folder holds, the files to add, and what only the operator can fill in."""

    found: Found
    files: tuple[File, ...]
    to_fill_in: tuple[tuple[str, str], ...]  # "golive.yaml:20:8: revision.run[0]", and what belongs there
    notes: tuple[str, ...]


def draft(folder: Folder, *, version: str) -> Draft:
    """The first files for the folder. `version` is golive's own, for the CI job."""
    found = recognise(folder)
    text = _spec(folder, found)
    to_fill_in, wrong = _left_open(text)
    if wrong:  # a name or a command there that no specification can hold
        found, text = NOTHING, _spec(folder, NOTHING)
        to_fill_in, _ = _left_open(text)
    return Draft(
        found=found,
        files=(File(path=SPEC, text=text), *_ignored(folder), *_ci(folder, version)),
        to_fill_in=to_fill_in,
        notes=(*found.notes, *_ci_notes(folder)),
    )


def _spec(folder: Folder, found: Found) -> str:
    service, said = service_name(folder), owner(folder)
    return _rendered(
        "golive.yaml.j2",
        what=printable(f"{found.what} ({found.because})"),
        notes=[printable(note) for note in found.notes],
        found=found,
        service=flow(service),
        owner=flow(said or f"team-{service}"),
        owner_is_a_guess=not said,
        exclude=flow((*found.exclude, *NEVER_SHIPPED)),
        build=flow(found.build),
        run=flow(found.run),
        env=flow(found.env),
        secrets=flow({name: {"env": name} for name in found.secrets}),
        health=flow(found.health),
        instances=max(found.instances, USUAL_INSTANCES),
    )


def _left_open(text: str) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Where the operator has to fill in, and whether anything else is wrong."""
    try:
        parse(text.encode(), name=SPEC)
    except Failure as failure:
        every = (failure, *failure.also)
        open_places = tuple((one.where, one.next) for one in every if FILL_IN in one.what)
        return open_places, len(open_places) < len(every)
    return (), False


def _ignored(folder: Folder) -> Iterator[File]:
    text = folder.text(".gitignore")
    if not IGNORED.search(text):
        start = "\n" if text and not text.endswith("\n") else ""
        yield File(path=".gitignore", text=f"{start}{STATE}\n", append=True)


def _ci(folder: Folder, version: str) -> Iterator[File]:
    if ".gitlab-ci.yml" in folder.paths:
        yield File(path=GITLAB, text=_rendered("gitlab.yml.j2", version=version))
    elif any(path.startswith(".github/") for path in folder.paths) or not folder.first(*OTHER_CI):
        yield File(path=GITHUB, text=_rendered("github.yml.j2", version=version))


def _ci_notes(folder: Folder) -> Iterator[str]:
    if ".gitlab-ci.yml" in folder.paths:
        yield f"add to .gitlab-ci.yml: include: [{{local: {GITLAB}}}]"
    elif other := folder.first(*OTHER_CI):
        yield f"in {other}, run: golive spec check, golive deploy --env staging, golive evidence verify"


def _rendered(template: str, **values: Any) -> str:
    world = Environment(
        loader=PackageLoader("golive.spec", "draft"),
        autoescape=False,  # YAML, whose values are written by `flow`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return world.get_template(template).render(**values)
