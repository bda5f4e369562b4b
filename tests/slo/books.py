"""Rule books for the tests: every kind of SLO, over the storefront."""

from golive.slo.rulebook import RuleBook, rulebook
from golive.spec.parse import parse

LEAST = """service: storefront
owner: team-shop
revision: {run: [a]}
environments: {production: {target: {kind: local, port: 8080}}}
objectives: {error_rate: 1 %, latency: [{quantile: p99, max: 300ms}]}
"""
EVERY = """observe:
  dashboard: https://grafana.example
  receivers: {page: {webhook: "http://127.0.0.1:9094/page"}}
  saturation: [{name: connections, metric: 'pool_used_ratio{pool="main"}', limit: 80 %}]
  slos:
    - {name: availability, kind: availability, target: 99.9 %}
    - {name: latency, kind: latency, target: 99 %, max: 300ms}
    - {name: cart, kind: availability, target: 99.5 %, window: 672h, requests: 'http_requests_total{path="/cart"}',
       errors: 'http_requests_total{path="/cart",code=~"5.."}'}
    - {name: fresh, kind: freshness, target: 99 %, max: 10m, updated: catalogue_updated_timestamp_seconds}
    - {name: paid, kind: ratio, target: 99.5 %, good: 'orders_total{state="paid"}',
       total: 'orders_total{state=~"paid|lost"}'}
    - {name: all, kind: composed, target: 99 %, parts: [availability, latency]}
"""
SELDOM = """observe:
  saturation: []
  quiet: null
  slos: [{name: loose, kind: availability, target: 90 %}]
"""


def book(more: str = "") -> RuleBook:
    return rulebook(parse((LEAST + more).encode(), name="golive.yaml"))
