"""A file that can be used becomes exactly these values."""

import hashlib
import pickle
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from golive.spec.parse import parse
from golive.spec.values import (
    SCENARIOS,
    Abort,
    Build,
    Change,
    Environment,
    Expectation,
    HealthCheck,
    Hook,
    Judging,
    Knee,
    LatencyObjective,
    LoadFlow,
    LoadLimit,
    LoadStage,
    LoadStep,
    Objectives,
    PrometheusChoice,
    Scenario,
    SecretRef,
    SmokeStep,
    SmokeTest,
    Spec,
    Strategy,
    TargetChoice,
)

FULL = (Path(__file__).parent / "full.yaml").read_bytes()
LEAST = b"service: a\nowner: b\nrevision: {run: [c]}\nenvironments: {d: {target: {kind: local}}}\n"
NEVER = ("**/.git/**", ".golive/**", "evidence/**", "**/.venv/**", "**/__pycache__/**")


def ms(number: int) -> timedelta:
    return timedelta(milliseconds=number)


def full() -> Spec:
    return parse(FULL, name="shop/golive.yaml")


def least(**environment: str) -> Environment:
    more = "".join(f", {key}: {value}" for key, value in environment.items())
    return parse(LEAST.replace(b"local}}", b"local}" + more.encode() + b"}"), name="golive.yaml").environments["d"]


def test_a_file_is_named_and_known_by_its_bytes() -> None:
    assert full().source == "shop/golive.yaml"
    assert full().digest == hashlib.sha256(FULL).hexdigest()
    assert (full().service, full().owner) == ("storefront", "team-shop")


def test_the_revision_leaves_out_state_secrets_and_the_specification_itself() -> None:
    assert full().revision == Build(
        include=("**",),
        exclude=("node_modules/**", *NEVER, "golive.yaml", "secrets/token"),
        build=("python3", "-m", "pip", "install", "--target", "lib", "-r", "requirements.txt"),
        run=("python3", "app.py", "--port", "$PORT"),
        env={"PYTHONPATH": "lib", "EMPTY": "", "NO": "no"},
        secrets={
            "API_KEY": SecretRef(source="env", name="API_KEY"),
            "TOKEN": SecretRef(source="file", name="./secrets/token"),
            "CERTIFICATE": SecretRef(source="file", name="/run/secrets/certificate"),
        },
        build_timeout=timedelta(minutes=5),
    )


def test_health_checks_keep_their_order() -> None:
    assert full().health == (
        HealthCheck(
            kind="http",
            path="/health",
            code=204,
            interval=ms(250),
            timeout=ms(2000),
            healthy_after=3,
            unhealthy_after=4,
            grace=timedelta(minutes=1),
        ),
        HealthCheck(kind="tcp"),
        HealthCheck(kind="command", command=("python3", "healthy.py")),
    )


def test_a_json_body_is_sent_as_json() -> None:
    assert full().smoke == SmokeTest(
        timeout=timedelta(minutes=2),
        steps=(
            SmokeStep(
                name="lists products",
                method="GET",
                path="/products",
                headers={"accept": "application/json"},
                expect=Expectation(
                    headers={"content-type": "json"}, json={"items[0].id": 1, "next": None}, latency_ms=500
                ),
                capture={"id": "items[0].id"},
            ),
            SmokeStep(
                name="changes one",
                method="PUT",
                path="/products/${id}",
                headers={"content-type": "application/json"},
                body='{"name":"${id}","tags":[null,1.5]}',
                expect=Expectation(code=None, text="changed"),
                timeout=timedelta(seconds=10),
            ),
        ),
    )


def test_shares_and_quantiles_are_kept_in_parts_per_million() -> None:
    assert full().objectives == Objectives(
        error_rate_ppm=1000,
        latency=(LatencyObjective(quantile_ppm=999_000, max_ms=1500),),
        min_requests=100,
        tick=ms(500),
        no_data="ask",
        patience=timedelta(minutes=90),
    )


def test_how_revisions_are_compared_is_kept_as_written() -> None:
    assert full().judging == Judging(
        alpha_ppm=5_000,
        beta_ppm=100_000,
        floor=timedelta(minutes=10),
        warm_up=timedelta(minutes=3),
        error_times=3.0,
        error_plus_ppm=1_000,
        unproven="fail",
        uncalibrated="trust",
        assist="load",
        assist_rate=50,
        assist_path="/products",
    )


def test_a_line_is_split_as_a_shell_would() -> None:
    command = ("./ticket.sh", "--queue", "change requests")
    assert full().change == Change(risk="high", command=command, timeout=timedelta(minutes=1))


def test_an_environment_has_everything_that_was_written() -> None:
    assert full().environments["production"] == Environment(
        name="production",
        target=TargetChoice(kind="local", port=8080, host="0.0.0.0"),
        instances=3,
        metrics=PrometheusChoice(
            url="http://127.0.0.1:9090",
            requests='http_requests_total{version="{revision}"}',
            errors='http_requests_total{version="{revision}",code=~"5.."}',
            latency='http_request_duration_seconds_bucket{version="{revision}"}',
            unit="ms",
            step=timedelta(seconds=5),
            instance="pod",
            gauges={"memory": 'process_resident_memory_bytes{version="{revision}"}'},
        ),
        strategy=Strategy(kind="canary", weights=(1, 50, 99), soak=timedelta(seconds=10), promotion="ask"),
        requires=("staging",),
        env={"LOG_LEVEL": "debug"},
        secrets={"API_KEY": SecretRef(source="env", name="PRODUCTION_API_KEY")},
        before=(
            Hook(name="migrate", command=("python3", "migrate.py"), timeout=timedelta(hours=1), repeatable=True),
        ),
        after=(Hook(name="announce", command=("./announce.sh",)),),
        retain=2,
        drain=timedelta(0),
        deadline=timedelta(hours=2),
        request_timeout=timedelta(seconds=30),
        load=LoadLimit(rate=30, duration=timedelta(minutes=2), url="https://127.0.0.1:8443", public=True),
    )


def test_loads_have_everything_that_was_written() -> None:
    loads = full().loads
    assert loads.flows == (
        LoadFlow(
            weight=3,
            data="load/users.csv",
            cookies=False,
            steps=(
                LoadStep(name="GET /hello/${user}", path="/hello/${user}", capture={"id": "items[0].id"}),
                LoadStep(
                    name="orders",
                    method="POST",
                    path="/orders",
                    headers={"content-type": "application/json", "x-who": "me"},
                    body='{"id":"${id}"}',
                    codes=(201,),
                    think=timedelta(seconds=1),
                ),
                LoadStep(name="PUT /plain", method="PUT", path="/plain", body="text"),
            ),
        ),
    )
    assert loads.headers == {"x-load": "golive"}
    assert loads.secrets == {"authorization": SecretRef(source="env", name="LOAD_TOKEN")}
    assert (loads.timeout, loads.connections, loads.ca, loads.metrics) == (ms(5000), 500, "ca.pem", "/metrics")
    assert loads.scenarios["load"] == Scenario(
        stages=(LoadStage(rate=200, duration=timedelta(minutes=5)),),
        engine="locust",
        locustfile="load/locustfile.py",
        users=20,
        workers=2,
    )
    assert loads.scenarios["spike"] == Scenario(
        stages=(
            LoadStage(rate=100, duration=timedelta(seconds=10), begin=10),
            LoadStage(rate=10, duration=timedelta(seconds=20)),
        ),
        abort=Abort(error_rate_ppm=200_000, p99_ms=5000, window=timedelta(seconds=10)),
    )
    assert loads.scenarios["yesterday"] == Scenario(trace="load/access.log", speed=200)
    assert loads.scenarios["stress"].knee == Knee(lowest=50, highest=900, step=ms(5000), within_ppm=20_000)
    assert loads.scenarios["soak"] == SCENARIOS["soak"]


def test_an_environment_that_requires_others_gets_little_load_unless_more_is_written() -> None:
    text = LEAST.replace(b"local}}", b"local}}, p: {target: {kind: local}, requires: [d]}")
    places = parse(text, name="golive.yaml").environments
    assert places["d"].load == LoadLimit()
    assert places["p"].load == LoadLimit(rate=20, duration=timedelta(minutes=1))
    places = parse(text.replace(b"[d]", b"[d], load: {rate: 90}"), name="golive.yaml").environments
    assert places["p"].load == LoadLimit(rate=90, duration=timedelta(minutes=1))


def test_the_least_file_gets_the_defaults_of_the_values() -> None:
    spec = parse(LEAST, name="golive.yaml")
    assert spec.revision == Build(include=("**",), exclude=(*NEVER, "golive.yaml"), build=(), run=("c",))
    assert spec.health == (HealthCheck(kind="tcp"),)
    assert spec.smoke is None
    assert spec.objectives == Objectives()
    assert spec.change == Change()
    assert spec.environments == {
        "d": Environment(
            name="d", target=TargetChoice(kind="local"), instances=1, strategy=Strategy(kind="all-at-once")
        )
    }


STRATEGIES = [
    ({}, Strategy(kind="all-at-once")),
    ({"instances": "2"}, Strategy(kind="rolling")),
    ({"strategy": "{kind: canary}"}, Strategy(kind="canary", weights=(5, 25, 50), soak=timedelta(minutes=1))),
    (
        {"strategy": "{kind: canary, weights: [7]}"},
        Strategy(kind="canary", weights=(7,), soak=timedelta(minutes=1)),
    ),
    ({"strategy": "{kind: rolling}"}, Strategy(kind="rolling")),
    ({"strategy": "{kind: blue-green, soak: 5s}"}, Strategy(kind="blue-green", soak=timedelta(seconds=5))),
]


@pytest.mark.parametrize(("written", "strategy"), STRATEGIES, ids=[str(written) for written, _ in STRATEGIES])
def test_what_a_strategy_does_not_say_follows_from_its_kind(written: dict[str, str], strategy: Strategy) -> None:
    assert least(**written).strategy == strategy


def test_null_switches_the_judging_of_errors_off() -> None:
    assert parse(LEAST + b"objectives: {error_rate: null}\n", name="x").objectives.error_rate_ppm is None


def test_a_specification_survives_the_way_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(full())) == full()


def test_values_cost_no_parser_at_start_up() -> None:
    check = "import sys, golive.spec.values; sys.exit(bool({'pydantic', 'yaml', 'jinja2'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_what_is_watched_in_operation() -> None:
    found = full().observe
    assert [(slo.name, slo.kind, slo.target_ppm) for slo in found.slos] == [
        ("availability", "availability", 999_000),
        ("cart", "latency", 990_000),
        ("fresh", "freshness", 990_000),
        ("paid", "ratio", 995_000),
        ("login", "availability", 990_000),
        ("all", "composed", 990_000),
    ]
    assert found.slos[0].window == timedelta(days=28)
    assert (found.slos[1].max_ms, found.slos[1].runbook) == (300, "cart.md")
    assert found.slos[5].parts == ("availability", "cart")
    assert (found.vocabulary.service, found.vocabulary.unit) == ("job", "s")
    assert [(one.name, one.limit_ppm) for one in found.saturation] == [("pool", 800_000)]
    assert (found.quiet, found.dashboard, found.scrape) == (None, "https://grafana.example", "/metrics")
    assert found.receivers["page"].acknowledged == ("./find.sh",)
    assert found.receivers["ticket"].webhook == "http://127.0.0.1:9094/ticket"
    assert found.prometheus is not None
    assert found.prometheus.url == "http://127.0.0.1:9090"
    assert found.prometheus.token == SecretRef(source="env", name="TOKEN")


def test_without_observe_every_environment_is_watched_by_defaults() -> None:
    found = parse(LEAST, name="golive.yaml").observe
    assert found.slos == ()
    assert [one.name for one in found.saturation] == ["cpu", "memory", "disk"]
    assert (found.quiet, found.prometheus, found.receivers) == (timedelta(minutes=10), None, {})
