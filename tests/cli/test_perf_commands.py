"""`golive perf` without a running service: what is refused, what is listed, what is told again."""

import json
import os
import subprocess
import sys

import jsonschema
import pytest
import yaml

SPEC = {
    "service": "shop",
    "owner": "team",
    "revision": {"run": ["true"]},
    "environments": {
        "staging": {"target": {"kind": "local"}, "load": {"url": "http://127.0.0.1:9"}},
        "production": {
            "target": {"kind": "local"},
            "requires": ["staging"],
            "load": {"url": "http://127.0.0.1:9"},
        },
    },
}


@pytest.fixture
def golive(tmp_path):
    def run(*arguments, **changes):
        (tmp_path / "golive.yaml").write_text(yaml.safe_dump({**SPEC, **changes}))
        child = subprocess.run(
            [sys.executable, "-m", "golive", "perf", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "GOLIVE_ACTOR": "ann"},
        )
        assert "Traceback" not in child.stderr
        return child.returncode, child.stdout, child.stderr

    return run


def load(*requests, **more):
    return {"load": {"requests": list(requests), **more}}


def test_every_scenario_is_listed_with_what_it_means(golive):
    scenarios = {"spike": {"steps": [{"rate": 5, "duration": "1s"}, {"begin": 5, "rate": 50, "duration": "2s"}]}}
    code, out, _ = golive("scenarios", "--json", load={"scenarios": scenarios})
    told = json.loads(out)
    assert code == 0
    assert told["spike"] == "5/s for 1s, then 5 to 50/s for 2s"
    assert {"smoke", "load", "stress", "soak"} <= told.keys()


def test_the_schema_is_printed_as_it_is_published(golive):
    code, out, _ = golive("schema")
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_no_runs_lead_to_the_first(golive):
    assert golive("history")[:2] == (0, "staging: no run is recorded\nnext: golive perf --env staging\n")


@pytest.mark.parametrize(
    ("arguments", "changes", "code", "told"),
    [
        (("--scenario", "nope"), {}, 2, "there are: smoke, load, stress, spike, soak"),
        (("--scenario", "spike", "--rate", "5"), {}, 2, "its rate is not constant"),
        (("--env", "nowhere"), {}, 2, "there is no environment 'nowhere'"),
        (("--env", "production", "--scenario", "load"), {}, 4, "50 requests/s, 20 may be"),
        (("--env", "production", "--seconds", "61"), {}, 4, "61 s of load, 60 s may be"),
        (("--env", "production", "--scenario", "stress"), {}, 4, "2000 requests/s, 20 may be"),
        ((), load({"steps": [{"path": "/${x}"}], "data": "rows.csv"}), 2, "rows.csv"),
        ((), load(ca="no.pem"), 2, "the certificates cannot be read"),
        ((), load(secrets={"authorization": {"env": "NO_SUCH_TOKEN"}}), 2, "NO_SUCH_TOKEN"),
        (("--scenario", "t"), load(scenarios={"t": {"trace": "no.log"}}), 2, "the log cannot be read"),
        (("--scenario", "t"), load(scenarios={"t": {"trace": "golive.yaml"}}), 2, "none a GET request"),
        (
            ("--scenario", "k"),
            load(scenarios={"k": {"rate": 1, "duration": "1s", "engine": "oha"}}, secrets={"a": {"env": "HOME"}}),
            4,
            "oha would show the secret headers",
        ),
    ],
)
def test_what_cannot_or_must_not_be_loaded_is_refused_with_its_reason(golive, arguments, changes, code, told):
    found, out, err = golive(*arguments, **changes)
    assert (found, told in out + err) == (code, True), out + err
    assert "next:" in err


def test_a_place_outside_is_refused_unless_the_environment_says_that_it_may_be_loaded(golive):
    far = {"staging": {"target": {"kind": "local"}, "load": {"url": "http://9.9.9.9:9"}}}
    code, _, err = golive(environments=far)
    assert (code, "not near" in err) == (4, True)


def test_a_column_that_is_not_there_is_told_before_anything_is_sent(golive, tmp_path):
    (tmp_path / "rows.csv").write_text("user\nann\n")
    code, _, err = golive(**load({"steps": [{"path": "/${usr}"}], "data": "rows.csv"}))
    assert code == 2
    assert "${usr} is neither a column of rows.csv nor captured before" in err
    assert "known here: user" in err


def test_nobody_there_is_a_result_that_fails_and_is_recorded(golive, tmp_path):
    code, out, err = golive("--rate", "100", "--seconds", "1", "--output", "perf.json")
    assert code == 1, out + err
    told = json.loads((tmp_path / "perf.json").read_text())
    assert told["totals"]["causes"] == {"connection refused": 100}
    code, out, _ = golive("report", "perf.json", "--json")
    assert code == 0
    assert json.loads(out)["html"] == "perf.html"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema_version": "golive.perf/v2"}', "nonsense", "[" * 100_000]
)
def test_a_report_of_what_is_no_result_is_refused(golive, tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    code, _, err = golive("report", "x.json")
    assert (code, "no result of golive perf" in err) == (2, True)
    assert not (tmp_path / "x.html").exists()
