"""Protocol documents: Markdown that people and assistants follow → steps that can be checked, planned and run.

`document` holds the values, `parse` reads any text into them, `lint` says what is wrong with one, `plan` what it
would do. Nothing here runs anything: `controller.protocols` does.
"""
