"""Objectives over weeks → error budgets, burn rates, alert rules, dashboards. Pure."""
