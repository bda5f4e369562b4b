"""What statements say: one module for each type of our own. Types are URIs that nothing ever fetches."""

BASE = "https://golive.invalid/attestation/"
