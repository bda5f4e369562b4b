"""perf.json told: as a page with plots for people, a summary for a ticket, JUnit for a pipeline. Pure."""
