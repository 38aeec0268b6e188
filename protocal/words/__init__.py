"""The field's words as frozen values: text of one field in, one value out; no files, no clock, no heavy library."""
