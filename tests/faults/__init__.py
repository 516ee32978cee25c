"""Seeded runs of the whole service through faults of everything around it, each proved by the auditor afterwards."""
