"""Scoring on the same test rows: baselines, intervals, slices, figures, the report."""
