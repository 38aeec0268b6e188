"""Finished bytes -> whole files: the only place that writes."""
