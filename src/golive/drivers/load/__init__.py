"""Open-loop load: requests leave on schedule whatever the answers do, in a process of their own.

`run.LoadRun` is what others use; `openloop` is the process.
"""
