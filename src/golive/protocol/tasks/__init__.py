"""Task files: JSON that teams have already, read in their shapes, and changed without touching anything else.

`jsontext` reads JSON and remembers where each value stands, `book` finds the tasks in it, `states` says which
state may follow which, `change` makes the new text. Nothing here reads or writes a file.
"""
