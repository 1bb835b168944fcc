"""From estimates to verdicts."""
