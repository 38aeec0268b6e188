"""Finished bytes in, whole files out: the only place that writes."""
