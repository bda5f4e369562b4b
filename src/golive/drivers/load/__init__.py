"""Constant load, as users make it: they do not wait for each other's answers. `run.LoadRun` is what others use."""
