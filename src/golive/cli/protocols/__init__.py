"""The commands of `golive protocol`, a module each."""
