"""Every key is explained, in the terminal, in the reference and in the editor."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from golive.errors import Exit, Failure
from golive.spec.explain import explain, text_of
from golive.spec.keys import keys
from golive.spec.parse import parse
from golive.spec.reference import page
from golive.spec.schema import DIALECT, schema
from golive.spec.tree import plain
from golive.spec.yaml12 import Unreadable, read

HERE = Path(__file__).parent
FULL = (HERE / "full.yaml").read_bytes()
REFERENCE = HERE.parents[1] / "docs" / "reference" / "golive-yaml.md"

EXPLAINED = [
    ("service", "service"),
    ("environments", "environments"),
    ("environments.production", "environments"),
    ("environments.production.strategy.weights", "environments.*.strategy.weights"),
    ("environments.*.strategy.weights[0]", "environments.*.strategy.weights"),
    ("environments.strategy.hooks.before[0].run", "environments.*.hooks.before[].run"),
    ("health[0].http.path", "health[].http.path"),
    ("health.http.path", "health[].http.path"),
    ("smoke.steps[].request.json", "smoke.steps[].request.json"),
    ("revision.secrets.API_KEY.file", "revision.secrets.*.file"),
    ("revision.env.LOG_LEVEL", "revision.env"),
]
KNOWN = (
    "known here: service, owner, revision, health, smoke, objectives, judge, load, observe, "
    "change, environments, readiness, claims, rules"
)
UNKNOWN = [
    ("servce", "did you mean `service`?"),
    ("environments.production.stratgy", "did you mean `strategy`?"),
    ("health[0].htp", "did you mean `http`?"),
    ("service.name", "golive spec explain service"),
    ("revision.env.A.b", "golive spec explain revision.env"),
    ("", KNOWN),
    ("zzz", KNOWN),
]
NOT_BY_SCHEMA = (
    "requires-", "same-port", "canary-weights", "canary-no", "soak-", "deadline-", "ask-", "hook-twice", "smoke-",
    "env-", "command-", "share-large", "quantile", "target-host", "health-path", "health-limits", "fill-in",
    "duration-", "build-timeout", "owner-", "claim-declared-", "claim-environment", "claim-twice",
    "claim-without-", "judge-chances", "load-", "metrics-prometheus", "metrics-password", "readiness-channel-both",
    "readiness-channel-half", "readiness-credential-", "observe-",
)  # fmt: skip


@pytest.mark.parametrize(("written", "name"), EXPLAINED)
def test_a_key_is_found_however_it_is_pointed_at(written: str, name: str) -> None:
    assert explain(written).name == name


@pytest.mark.parametrize(("written", "next_step"), UNKNOWN)
def test_an_unknown_key_leads_to_the_nearest(written: str, next_step: str) -> None:
    with pytest.raises(Failure) as caught:
        explain(written)
    assert (caught.value.next, caught.value.code) == (next_step, Exit.USAGE)


@pytest.mark.parametrize("name", [key.name for key in keys().values()])
def test_every_key_is_explained_whole(name: str) -> None:
    key = explain(name)
    assert key.name == name
    assert key.meaning.endswith(".")
    assert key.takes
    assert not (key.required and key.default)
    assert f"example  {key.path[-1]}: " in text_of(key)


@pytest.mark.parametrize("name", [key.name for key in keys().values()])
def test_every_example_is_accepted_where_it_belongs(name: str) -> None:
    """The example of a key is put in its place in the full file; only its own neighbours may then disagree."""
    tree = plain(read(FULL), null=None)
    put(tree, explain(name).path, plain(read(explain(name).example.encode()))[explain(name).path[-1]])
    found = list(Draft202012Validator(schema()).iter_errors(tree))
    assert all(
        error.validator in ("oneOf", "allOf", "required", "minItems") or "False schema" in error.message
        for error in found
    ), found


def put(tree: Any, path: tuple[str, ...], value: object) -> None:
    """Set the value at the path in every item and under every name that is there."""
    first, rest = path[0], path[1:]
    if first in ("[]", "*"):
        for inner in tree if isinstance(tree, list) else tree.values():
            put(inner, rest, value)
    elif rest:
        put(tree.setdefault(first, [] if rest[0] == "[]" else {}), rest, value)
    elif isinstance(tree, dict):
        tree[first] = value


def test_the_reference_is_what_the_keys_say() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == page().rstrip("\n") + "\n", (
        "renew it: golive spec explain > docs/reference/golive-yaml.md"
    )


def test_the_schema_is_a_schema_that_takes_the_full_file() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == DIALECT
    assert list(Draft202012Validator(schema()).iter_errors(plain(read(FULL), null=None))) == []


def tree_of(text: bytes) -> object:
    """The file as data, or None when it cannot even be read as YAML."""
    try:
        return plain(read(text), null=None)
    except Unreadable:
        return None


CASES = {case.stem: tree_of(case.read_bytes()) for case in sorted((HERE / "refused").glob("*.yaml"))}
FOR_A_SCHEMA = {name: tree for name, tree in CASES.items() if tree and not name.startswith(NOT_BY_SCHEMA)}


@pytest.mark.parametrize("tree", FOR_A_SCHEMA.values(), ids=FOR_A_SCHEMA.keys())
def test_the_schema_refuses_what_a_schema_can(tree: object) -> None:
    assert not Draft202012Validator(schema()).is_valid(tree)


def test_enough_refusals_are_left_to_the_schema() -> None:
    assert len(FOR_A_SCHEMA) >= 40


def test_editors_see_defaults_as_they_are_written() -> None:
    environment = schema()["$defs"]["Environment"]["properties"]
    assert environment["drain"]["default"] == "10s"
    assert schema()["$defs"]["Objectives"]["properties"]["error_rate"]["default"] == "1 %"


def test_a_default_that_is_written_out_changes_nothing() -> None:
    written = parse(FULL.replace(b"retain: 2", b"retain: 1"), name="x").environments["production"]
    silent = parse(FULL.replace(b"    retain: 2\n", b""), name="x").environments["production"]
    assert written == silent
