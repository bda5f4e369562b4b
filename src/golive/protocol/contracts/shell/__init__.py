"""Reading shell scripts for the arguments that they accept: cut into words, never run."""
