"""Ledgers: where records are kept. `sqlite` is the default: one state folder, one machine."""
