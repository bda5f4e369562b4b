"""Signing on the person's own machine: with a key file, or through an ssh-agent that never shows the key."""
