"""The checks of a protocol: its structure, its single lines, the flow between them, and what it refers to."""
