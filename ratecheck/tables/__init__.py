"""Numbers that somebody already has: read from a table, judged as a claim's check is."""
