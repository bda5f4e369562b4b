"""Signatures over evidence: keys, envelopes, statements that stand alone. Pure; a private key is a `Signer`."""
