"""What `golive ready` exercises, one module for each claim. Every check has its negative control with it.

A check takes what it looks at as values, so that its control can hand it a stand-in with a fault planted in it and
run the very same exercise. All implement `gate.claims.check.Check`.
"""
