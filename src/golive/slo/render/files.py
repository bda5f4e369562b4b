"""Every file that `golive observe render` writes, as text: the same bytes for the same golive.yaml."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from golive.slo.render import alertmanager, collector, grafana, openslo, probes, prometheus
from golive.slo.rulebook import RuleBook
from golive.spec.values import HealthCheck

RULES = "prometheus-rules.yml"
HEAD = "# From golive.yaml, by golive observe render: change it there.\n"


def files(book: RuleBook, environments: Mapping[str, str], health: tuple[HealthCheck, ...]) -> dict[str, str]:
    """Names and contents. `environments` are addresses of front doors by name; "" where none is known yet."""
    first = next(iter(environments))
    doors = {name: url for name, url in environments.items() if url}
    tests = {
        f"prometheus-tests-{step}.yml": _yaml(tests)
        for step, tests in prometheus.tests(book, first, RULES).items()
    }
    return {
        RULES: _yaml(prometheus.rules(book)),
        **tests,
        "alertmanager.yml": _yaml(alertmanager.routes(book)),
        "blackbox.yml": _yaml(probes.modules()),
        **(
            {"prometheus-scrape.yml": _yaml({"scrape_configs": probes.jobs(book, doors, health)})} if doors else {}
        ),
        "dashboard.json": json.dumps(grafana.dashboard(book), indent=1, ensure_ascii=False) + "\n",
        "collector.yml": _yaml(collector.snippet(book, first)),
        "openslo.yml": _yaml_all(openslo.documents(book)),
    }


class _Plain(yaml.SafeDumper):
    """No aliases: a reader should not have to look something up further above."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _yaml(document: Mapping[str, Any]) -> str:
    return _yaml_all([document])


def _yaml_all(documents: Iterable[Mapping[str, Any]]) -> str:
    return HEAD + yaml.dump_all(
        documents, Dumper=_Plain, sort_keys=False, width=110, allow_unicode=True, explicit_start=True
    )
