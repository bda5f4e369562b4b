"""What happened, as records that cannot be changed without being noticed.

A record is one canonical JSON line that names the digest of the line before it. The ledger is both the
controller's journal and the audit trail: state is a fold of records. Below all rooms but `errors`; pure.
"""
