"""How other release tools would have ruled: their documented rules in our own words, for comparison only. Pure.

Settings are the ones in each tool's own documentation; a team that tunes them would fare better.
"""
