"""The parts of `golive perf`."""
