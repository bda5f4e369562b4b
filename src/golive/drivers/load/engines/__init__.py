"""Load engines of others, where they are installed: their results come into the same shape as golive's own."""
