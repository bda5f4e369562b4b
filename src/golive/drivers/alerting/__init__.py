"""What alerts go through: Prometheus, Alertmanager, receivers."""
