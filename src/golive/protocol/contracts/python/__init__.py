"""Reading Python programs for the arguments that they accept: parsed into a tree, never imported, never run."""
