"""Smoke steps: what is sent, what an answer is worth, what is carried over."""

import json

import pytest

from golive.judge.probe import Reply
from golive.judge.smoke import MISSING, StepReport, conclude, examine, find, request
from golive.judge.verdict import Answer
from golive.spec.values import Expectation, SmokeStep


def step(**expect):
    capture = expect.pop("capture", {})
    return SmokeStep(name="lists", method="GET", path="/p/${id}", expect=Expectation(**expect), capture=capture)


def reply(body=None, code=200, headers=None, elapsed_ms=3, text=None):
    return Reply(
        code=code,
        headers=headers or {},
        text=json.dumps(body) if text is None else text,
        elapsed_ms=elapsed_ms,
    )


FINDINGS = {
    "as expected": (step(), reply({}), ()),
    "another code": (step(), reply({}, code=500), ("code 500, expected 200",)),
    "code not asked": (step(code=None), reply({}, code=500), ()),
    "header": (
        step(headers={"content-type": "json"}),
        reply({}, headers={"content-type": "text/html"}),
        ("header content-type is 'text/html', expected 'json'",),
    ),
    "text": (step(text="hello"), reply(text="bye"), ("the text 'hello' does not occur in 'bye'",)),
    "slow": (step(latency_ms=100), reply({}, elapsed_ms=101), ("took 101 ms, expected at most 100 ms",)),
    "json": (step(json={"a[0].b": 1}), reply({"a": [{"b": 1.0}]}), ()),
    "json, other value": (step(json={"a": 1}), reply({"a": True}), ("a is true, expected 1",)),
    "json, text is no number": (step(json={"a": 1}), reply({"a": "1"}), ('a is "1", expected 1',)),
    "json, inside a list": (step(json={"a": [1]}), reply({"a": [True]}), ("a is [true], expected [1]",)),
    "json, inside an object": (step(json={"a": {"b": 0}}), reply({"a": {"b": 0.0}}), ()),
    "json, another value inside": (
        step(json={"a": {"b": 0}}),
        reply({"a": {"b": 1}}),
        ('a is {"b": 1}, expected {"b": 0}',),
    ),
    "header, there and empty": (step(headers={"etag": ""}), reply({}, headers={"etag": ""}), ()),
    "json, an element more": (step(json={"a": [1]}), reply({"a": [1, 2]}), ("a is [1, 2], expected [1]",)),
    "json, a key more": (step(json={"a": {}}), reply({"a": {"b": 1}}), ('a is {"b": 1}, expected {}',)),
    "json, null": (step(json={"a": None}), reply({"a": None}), ()),
    "header, not there": (step(headers={"etag": ""}), reply({}), ("header etag is missing, expected ''",)),
    "json, missing": (step(json={"a.b": 1}), reply({"a": 3}), ("a.b is missing, expected 1",)),
    "json, not json": (step(json={"a": 1}), reply(text="<p>"), ("a is missing, expected 1",)),
    "json, deep": (step(json={"a": 1}), reply(text="[" * 100_000), ("a is missing, expected 1",)),
    "no answer": (step(), Reply(code=0, fault="connection refused"), ("no answer: connection refused",)),
    "nothing to capture": (step(capture={"id": "x"}), reply({}), ("nothing to capture at x",)),
}


@pytest.mark.parametrize(("asked", "answer", "findings"), FINDINGS.values(), ids=FINDINGS)
def test_findings(asked, answer, findings):
    assert examine(asked, answer)[0] == findings


def test_captured_values_are_filled_in_and_unknown_ones_are_left():
    _, captured = examine(step(capture={"id": "items[1].id"}), reply({"items": [{}, {"id": 42}]}))
    assert captured == {"id": "42"}
    sent = request(step(), "http://h", ("x-golive-revision", "abc"), captured)
    assert (sent.url, sent.headers) == ("http://h/p/42", {"x-golive-revision": "abc"})
    assert request(step(), "http://h", None, {}).url == "http://h/p/${id}"


def test_no_steps_prove_nothing():
    assert conclude(()).answer is Answer.INCONCLUSIVE


def test_one_finding_fails_the_test():
    good = StepReport(step="a", reply=reply({}), findings=())
    bad = StepReport(step="b", reply=reply({}), findings=("code 500, expected 200",))
    assert conclude((good,)).answer is Answer.PASS
    assert conclude((good, bad)).because == "smoke step 'b': code 500, expected 200"


@pytest.mark.parametrize("path", ["a", "a[1]", "a.b.c", "[0]", "a[0][0]"])
def test_a_path_that_leads_nowhere_is_missing(path):
    assert find({"a": [1]} if path != "a" else {}, path) is MISSING
