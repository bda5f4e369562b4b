"""What a script accepts and what it does, learned from its text: it is never imported and never run.

`learn.learn` reads a script into a `contract.Contract`; `check.check` holds the arguments of a directive against
it. `declared` reads what the script's author says in `# golive:` lines, where the text alone cannot show it.
"""
