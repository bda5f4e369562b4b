"""Whether a brief calls for live operations: fields, whole words, negations, and every way of not knowing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.protocol.applicability import applies

NAME = "PROJECT-BRIEF.md"


def brief(front: str = "name: shop", prose: str = "") -> str:
    return f"---\n{front}\n---\n# Shop\n\n{prose}\n"


def answer(front: str = "name: shop", prose: str = "") -> str:
    return applies(brief(front, prose), NAME).answer


CALLS_FOR_IT = [
    "We deploy the shop to two regions.",
    "Monitoring and alerting are part of the work.",
    "The team is on call day and night.",
    "- [ ] **Uptime** of 99.9 %",
    "Deploy with no downtime.",
    "Not only deploy it, run it too.",
    "Operations are handed to the platform team after the launch.",
    "No downtime during the deployment.",
    "Staging is not enough: it runs in production.",
    "There are no users yet but we deploy every week.",
    "Deployment is not manual.",
    "An SLO of 99.95 % holds for the checkout.",
    "The SRE team takes it over.",
]
RULES_IT_OUT = [
    "No deployment.",
    "There will be no deployment and no monitoring.",
    "No deployment, monitoring or on-call.",
    "Out of scope: operations, monitoring.",
    "**Out of scope:** deployment to production",
    "Deployment is out of scope.",
    "Operations are not required.",
    "We don't need monitoring.",
    "This will not be deployed.",
    "A study without any live operations.",
    "Deployment: none",
    "Monitoring isn't needed.",
    "Nothing here will ever go live, and no plans to deploy exist; no deployment.",
]
SAYS_NOTHING = [
    "The search is slow and must disregard case.",
    "A sloped roof calculator for redeployable undeploys of slots.",
    "It does matrix operations and CRUD operations quickly.",
    "File operations are atomic.",
    "A heart monitoring device is simulated.",
    "An incident report form for schools.",
    "Production of biscuits is shown as a chart.",
    "`deploy` is only a word in code",
]
SETTLES_NOTHING = [
    "Do we need monitoring?",
    "We may deploy it later.",
    "Deployment: to be decided.",
    "Perhaps there will be on-call one day.",
]


@pytest.mark.parametrize("prose", CALLS_FOR_IT)
def test_prose_that_calls_for_live_operations(prose):
    assert answer(prose=prose) == "yes"


@pytest.mark.parametrize("prose", RULES_IT_OUT)
def test_prose_that_rules_them_out(prose):
    assert answer(prose=prose) == "no"


@pytest.mark.parametrize("prose", SAYS_NOTHING[:-1])
def test_words_that_only_look_alike_say_nothing(prose):
    found = applies(brief(prose=prose), NAME)
    assert (found.answer, found.because) == ("unknown", ())
    assert "nothing in the brief settles it" in found.question


@pytest.mark.parametrize("prose", SETTLES_NOTHING)
def test_questions_and_perhapses_settle_nothing(prose):
    found = applies(brief(prose=prose), NAME)
    assert found.answer == "unknown"
    assert found.because[0][1].startswith("perhaps: ")


FIELDS = {
    "deploy: fly.io": "yes",
    "deploy: none": "no",
    "deployment: false": "no",
    "operations: yes": "yes",
    "operations: no": "no",
    "operations: not required": "no",
    "rto: 1h": "yes",
    'availability_slo: {core_services: "99.99%"}': "yes",
    "environments: [local, staging, production]": "yes",
    "environments: [local, test]": "no",
    "lifecycle: production": "yes",
    "lifecycle: throwaway prototype": "no",
    "features: [search, monitoring]": "yes",
    "out_of_scope: [operations, payment]": "no",
    "non-goals: [deployment]": "no",
    "deploy:": "unknown",
    "deploy: TBD": "unknown",
    "backend: slow sre-like things": "unknown",
    "title: Deploy the devops monitoring": "unknown",  # a name is no wish
    "phases: [bootstrap, prd, operations]": "yes",
    "phases: [0, 1, 6]": "yes",
    "phases: 0, 1, 2": "no",
    "phases: [bootstrap, prd]": "no",
    "phases:\n  - phase-6-operations": "yes",
    "phases: [1.6, 16, 60]": "no",
    "phases: []": "unknown",
    "phases: [prd, no operations]": "no",
    "phases: {prd: yes, operations: no}": "no",
    "phases: {prd: yes, phase 6: true}": "yes",
}


@pytest.mark.parametrize("front", FIELDS)
def test_what_a_field_says(front):
    assert answer(front) == FIELDS[front]


def test_a_list_of_phases_decides_over_the_prose_and_says_what_it_overruled():
    found = applies(brief("phases: [prd, tasks]", "We deploy every day."), NAME)
    assert found.answer == "no"
    assert found.because == ((2, "phases does not name operations: prd, tasks"),)
    assert found.notes == ((6, "overruled by phases: We deploy every day."),)


def test_a_list_of_phases_against_another_field_is_a_contradiction():
    found = applies(brief("phases: [operations]\noperations: no"), NAME)
    assert found.answer == "unknown"
    assert found.contradictions == ((2, "yes: phases names 'operations'"), (3, "no: operations: no"))


def test_field_against_prose_is_a_contradiction_with_both_lines():
    found = applies(brief("deploy: fly.io", "No deployment."), NAME)
    assert found.answer == "unknown"
    assert found.contradictions == ((2, "yes: deploy: fly.io"), (6, "no: No deployment."))
    assert "does it call for live operations, or not?" in found.question


def test_a_key_that_stands_twice_is_reported_and_both_count():
    found = applies(brief("deploy: fly.io\ndeploy: none"), NAME)
    assert found.notes == ((3, "the key deploy stands twice, first in line 2"),)
    assert found.answer == "unknown"
    same = applies(brief("deploy: fly.io\ndeploy: heroku"), NAME)
    assert (same.answer, same.notes) == ("yes", found.notes)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("# Shop\n\nWe deploy it.\n", "there is no front matter"),
        ("---\n**A title**\n---\nWe deploy it.\n", "is not YAML"),
        ("---\njust words\n---\nWe deploy it.\n", "is no list of fields"),
        ("---\nname: shop\n", "is not closed"),
        ("---\na: &x 1\nb: *x\n---\n", "aliases"),
    ],
)
def test_without_front_matter_it_is_unknown_and_asks(text, why):
    found = applies(text, NAME)
    assert found.answer == "unknown"
    assert why in found.question
    assert "?" in found.question


def test_what_the_prose_says_is_shown_also_when_it_does_not_decide():
    found = applies("# Shop\n\nWe deploy it.\n", NAME)
    assert found.because == ((3, "yes: We deploy it."),)


def test_everything_under_a_heading_that_rules_out_is_ruled_out_until_the_next_one():
    assert answer(prose="## Out of scope\n\n- deployment\n### More\n- uptime\n") == "no"
    assert answer(prose="## Out of scope\n\n- payment\n\n## Work\n\n- deployment to two regions\n") == "yes"
    assert answer(prose="**Non-goals**\n\n- monitoring\n") == "no"


def test_a_part_about_operations_speaks_by_what_is_in_it():
    assert answer(prose="## Deployment\n\nTwo virtual machines.\n") == "yes"
    assert answer(prose="## Deployment\n\nNone.\n") == "no"
    assert answer(prose="## Deployment\n\nTBD\n") == "unknown"
    assert answer(prose="## Operations\n\n## Next\n\ntext\n") == "unknown"
    assert answer(prose="## Operations\n\nThere are no operations.\n") == "no"


@pytest.mark.parametrize(
    "hidden", ["```\nwe deploy\n```", "<!-- we deploy\nmonitoring -->", "~~~sh\n./deploy\n~~~"]
)
def test_code_and_comments_say_nothing(hidden):
    assert answer(prose=hidden) == "unknown"


def test_lines_are_counted_as_an_editor_does():
    text = "\ufeff---\r\nname: shop\r\ndeploy: fly.io\r\n---\r\nNo text.\r\nMonitoring is needed."
    assert applies(text, NAME).because == ((3, "deploy: fly.io"), (6, "Monitoring is needed."))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.booleans())
def test_any_text_has_an_answer(text, fronted):
    found = applies(brief(prose=text) if fronted else text, NAME)
    assert found.answer in ("yes", "no", "unknown")
    assert bool(found.question) == (found.answer == "unknown")


@pytest.mark.parametrize(
    "unit", ["no deploy, ", "n't ", "a", "deploy ", "**", "---\n", "<!-- ", "- deploy\n", ": "]
)
def test_a_hostile_megabyte_has_an_answer(unit):
    """Quadratic reading would take minutes here."""
    found = applies(brief(prose=unit * (1_000_000 // len(unit))), NAME)
    assert found.answer in ("yes", "no", "unknown")
