"""The field's values, frozen: protocol, record, plan, account; no files, no clock, no heavy library."""
