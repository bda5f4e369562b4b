"""A first golive.yaml for a folder: what was seen there → what it is → the text of the files to write. Pure.

`folder.Folder` is what `drivers.detect` saw; `application.recognise` says what it is; `files.draft` writes
it down. What cannot be known is marked `FILL IN`, and `spec.parse` refuses it at its line and column.
"""
