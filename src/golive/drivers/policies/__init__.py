"""Evaluating a team's own rules."""
