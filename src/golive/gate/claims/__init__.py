"""Claims: which there are, how each is proven, and what may be said of it now."""
