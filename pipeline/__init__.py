"""Hebao reads Chinese work reports: sections, numeric claims, and where each stands in its source."""
