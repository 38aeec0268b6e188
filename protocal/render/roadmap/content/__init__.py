"""A course of a plan -> what stands on its sheet, as values."""
