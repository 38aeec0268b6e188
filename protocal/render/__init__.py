"""Plan in, text or bytes out: tables, JSON, CSV, calendar feeds, printed sheets. Nothing here writes or prints."""
