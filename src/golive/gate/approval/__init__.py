"""Approval of one plan: what is asked for, who signed exactly that, and whether it is enough."""
