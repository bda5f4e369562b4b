"""The loop that takes a release to its end: observe, plan, record the intent, do one step, record the outcome.

It decides nothing (`release.plan` does) and knows no driver (`golive.assembly` hands them over).
"""
