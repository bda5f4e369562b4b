"""The whole outside world in memory, with a clock that only moves when somebody sleeps.

It is what `--dry-run` and the scenario tests run on, and it passes the same contract suites as the real
drivers. It holds no socket, file or process.
"""
