"""The rules and dashboards of a service in the formats of other tools: data first, dumped last."""
