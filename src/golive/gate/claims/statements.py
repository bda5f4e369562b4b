"""Which claims stand for which statement of an operations protocol, by step and number."""

from collections.abc import Mapping

STATEMENTS: Mapping[str, tuple[str, ...]] = {
    "1.1 infrastructure: accounts, pipeline permissions, secrets": (
        "credentials-valid",
        "ci-permitted",
        "secrets-resolvable",
        "secrets-not-in-repository",
        "machine-ready",
        "target-capable",
    ),
    "1.2 monitoring and alerting tools: logs, metrics, traces, incidents": (
        "metrics-received",
        "logs-received",
        "traces-received",
        "incident-channel-received",
    ),
    "1.3 rollback strategy and data migration plan": ("rollback-planned", "migration-reversible"),
    "2.1 deployment automation ran": ("staging-passed", "deployed", "bytes-verified"),
    "2.2 logs, snapshots and tickets captured": ("deploy-recorded",),
    "2.3 health checks and smoke tests": ("deployed", "smoke-passed"),
    "3.1 dashboards": ("dashboards-have-data",),
    "3.2 performance and load": ("load-within-objectives",),
    "3.3 alerts and thresholds": ("alerts-proven", "thresholds-reviewed"),
    "4.1 incident flow, channels, rota": ("incident-flow-documented", "on-call-reachable"),
    "4.2 rollback tested": ("rollback-rehearsed",),
    "4.3 evidence for it recorded": ("rollback-rehearsed", "evidence-verified"),
    "5.1 artifacts, coverage and readiness validated": (
        "evidence-verified",
        "deploy-recorded",
        "monitoring-covered",
    ),
    "5.2 stakeholders signed off": ("signed-off",),
    "5.3 manifest and runbook updated": ("runbook-complete", "evidence-verified"),
}
