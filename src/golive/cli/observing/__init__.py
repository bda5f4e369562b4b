"""The commands of `golive observe`."""
