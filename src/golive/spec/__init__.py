"""The operator's file, golive.yaml: from bytes to frozen values, with every error at its line and column.

`parse.parse` reads it, `values` is what the other rooms see, `explain` and `schema` document it, and
`draft` writes a first one for a folder. Nothing is imported here: most commands need `values` only, and
the parser brings pydantic and YAML with it.
"""
