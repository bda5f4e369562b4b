"""Facts in, specification out: a golive.yaml that works, or that says what to fill in."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from first_draft_cases import CASES, DEPLOYMENT, FLASK, PROJECT, Case, package
from golive.spec.draft.application import recognise
from golive.spec.draft.files import GITHUB, GITLAB, SPEC, Draft, draft
from golive.spec.draft.folder import Folder
from golive.spec.draft.found import Found
from golive.spec.parse import parse
from golive.spec.values import HealthCheck, SecretRef, Spec


def folder(texts: dict[str, str], *, programs: frozenset[str] = frozenset(), name: str = "Shop Front") -> Folder:
    return Folder(name=name, paths=frozenset(texts), texts=texts, programs=programs)


def drafted(texts: dict[str, str], programs: frozenset[str] = frozenset()) -> Draft:
    return draft(folder(texts, programs=programs), version="0.1.0")


def text_of(found: Draft, path: str = SPEC) -> str:
    return next((file.text for file in found.files if file.path == path), "")


def spec_of(texts: dict[str, str]) -> Spec:
    return parse(text_of(drafted(texts)).encode(), name=SPEC)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_folder_is_recognised(case: Case) -> None:
    found = recognise(folder(case.texts, programs=case.programs))
    assert found.run == case.run
    assert found.build == case.build
    assert dict(found.env) == case.env
    assert found.health == case.health


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_draft_is_a_specification_or_names_the_one_place_to_fill_in(case: Case) -> None:
    found = drafted(case.texts, case.programs)
    places = [where.partition(": ")[2] for where, _ in found.to_fill_in]
    if case.fill_in:
        assert places == [f"revision.run[{len(case.run) - 1}]"]
        completed = text_of(found).replace(json.dumps(case.run[-1]), "x")
    else:
        assert places == []
        completed = text_of(found)
    spec = parse(completed.encode(), name=SPEC)
    assert spec.revision.build == case.build
    assert spec.health[0].kind == ("http" if case.health else "tcp")
    assert list(spec.environments) == ["staging", "production"]


def test_names_come_from_the_package_and_the_author() -> None:
    spec = spec_of({"pyproject.toml": PROJECT, "app.py": FLASK})
    assert (spec.service, spec.owner) == ("shop-front", "Ada")
    assert spec_of({"index.html": "", "CODEOWNERS": "docs/ @x\n*  @shop/web\n"}).owner == "shop/web"
    assert spec_of({"package.json": package(author="Bo <b@c>"), "server.js": ""}).owner == "Bo"


def test_without_an_author_the_owner_is_marked_as_a_guess() -> None:
    text = text_of(drafted({"index.html": ""}))
    assert "service: shop-front\nowner: team-shop-front  # a guess" in text


def test_what_a_deployment_says_is_taken_over_without_its_secrets() -> None:
    spec = spec_of({"deploy/shop.yaml": DEPLOYMENT})
    assert spec.environments["production"].instances == 4
    assert spec.revision.secrets == {"API_KEY": SecretRef(source="env", name="API_KEY")}
    assert spec.health == (HealthCheck(kind="http", path="/ready"),)


def test_what_may_hold_secrets_is_never_shipped() -> None:
    assert {".env", ".env.*"} <= set(spec_of({"index.html": ""}).revision.exclude)


@pytest.mark.parametrize(
    ("texts", "added"),
    [
        ({}, ".golive/\n"),
        ({".gitignore": "lib\n"}, ".golive/\n"),
        ({".gitignore": "lib"}, "\n.golive/\n"),
        ({".gitignore": "lib\n.golive/\n"}, ""),
        ({".gitignore": "/.golive\n"}, ""),
    ],
)
def test_state_is_ignored_once_and_evidence_is_not(texts: dict[str, str], added: str) -> None:
    assert text_of(drafted(texts), ".gitignore") == added


@pytest.mark.parametrize(
    ("paths", "written"),
    [
        ((), GITHUB),
        ((".github/workflows/test.yml",), GITHUB),
        ((".github/dependabot.yml", "Jenkinsfile"), GITHUB),
        ((".gitlab-ci.yml",), GITLAB),
        (("Jenkinsfile",), ""),
    ],
)
def test_a_ci_job_is_written_where_it_belongs(paths: tuple[str, ...], written: str) -> None:
    found = drafted(dict.fromkeys(paths, ""))
    jobs = [file.path for file in found.files if file.path in (GITHUB, GITLAB)]
    assert jobs == ([written] if written else [])
    if not written:
        assert any("Jenkinsfile" in note for note in found.notes)


def test_the_ci_jobs_are_yaml_that_runs_golive() -> None:
    github = yaml.safe_load(text_of(drafted({}), GITHUB))
    gitlab = yaml.safe_load(text_of(drafted({".gitlab-ci.yml": ""}), GITLAB))
    steps = [step.get("run", "") for step in github["jobs"]["staging"]["steps"]]
    assert 'golive deploy --env staging --why "${{ github.sha }}"' in steps
    assert "golive evidence verify" in gitlab["golive"]["script"]


@pytest.mark.parametrize(
    "texts",
    [
        {"package.json": '{"scripts": {"start": "node a.js\\n- x: [\\u0007"}}'},
        {"package.json": "[" * 10_000},
        {"package.json": '{"scripts": [], "dependencies": 3, "main": {}, "author": [1]}'},
        {"pyproject.toml": "[project]\nname = 3\nscripts = 4\nauthors = 5\ndependencies = 6\n"},
        {"pyproject.toml": "[project\n"},
        {"Procfile": "web:   \n"},
        {"Dockerfile": 'CMD ["a", 1, null, "\\u001b"]\n'},
        {"Dockerfile": "CMD [broken\n"},
        {"compose.yaml": "services: [a]\n"},
        {"compose.yaml": "services: {a: *b}\n"},
        {"k8s.yaml": "kind: Deployment\nspec: {template: {spec: {containers: [1]}}}\n"},
        {"k8s.yaml": "kind: Deployment\nspec: {replicas: -1, template: {spec: {containers: [{env: [1]}]}}}\n"},
    ],
)
def test_strange_files_still_give_a_draft(texts: dict[str, str]) -> None:
    found = drafted(texts)
    assert text_of(found)
    assert all("revision.run" in where for where, _ in found.to_fill_in)


NAMES = st.sampled_from(
    [
        "package.json",
        "pyproject.toml",
        "requirements.txt",
        "Procfile",
        "Dockerfile",
        "compose.yaml",
        "app.py",
        "go.mod",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(max_size=20).map(lambda text: json.dumps({"name": text, "scripts": {"start": text}, "author": text})),
    st.text(max_size=20).map(lambda text: f"web: {text}"),
    st.text(max_size=20).map(lambda text: f"CMD {json.dumps([text, text])}"),
    st.text(max_size=20).map(lambda text: f"[project]\nname = {json.dumps(text)}\n"),
)


@settings(deadline=None)
@given(st.dictionaries(NAMES, TEXTS, max_size=4), st.text(max_size=20))
def test_any_folder_gives_a_specification_that_is_sound_but_for_its_start(
    texts: dict[str, str], name: str
) -> None:
    found = draft(folder(texts, name=name), version="0.1.0")
    assert all("revision.run" in where for where, _ in found.to_fill_in)
    assert found.to_fill_in or parse(text_of(found).encode(), name=SPEC)


def test_nothing_is_claimed_for_a_folder_that_is_not_understood() -> None:
    found: Found = recognise(folder({"notes.txt": "", "data.csv": ""}))
    assert found.what == "nothing that golive knows"
