"""The scripts beside a protocol: looked at without running them, and asked for help only where that is allowed."""
