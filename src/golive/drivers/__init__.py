"""The outside world, one shelf per kind. Drivers do not know each other; `golive.assembly` joins them.

`supervision` is the one thing they share: a small Protocol for keeping processes alive.
"""
