"""Samples in, verdicts out: health, smoke expectations, and whether a candidate is as good as the baseline. Pure.

No data is never a pass: the answer is INCONCLUSIVE, with what is missing.
"""
