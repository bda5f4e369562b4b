"""The records as a Merkle tree, its signed heads, and proofs that can be handed over. Pure."""
