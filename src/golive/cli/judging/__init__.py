"""The commands of `golive judge`, one module each."""
