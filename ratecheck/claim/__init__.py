"""What a theorem says: claims, experiments, checks, formulas. Needs neither numpy nor torch."""
