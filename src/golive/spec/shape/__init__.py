"""The shape of golive.yaml: every key, what it takes, what it means, and the value it becomes.

One class per mapping of the file. Defaults that `spec.values` has are taken from there; the few others are
constants beside their key. `Service` is the whole file.
"""
