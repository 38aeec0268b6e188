"""Plan -> text or bytes: tables, JSON, CSV, calendar feeds, printed sheets. Nothing here writes or prints."""
