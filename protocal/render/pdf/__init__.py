"""Pages as HTML -> one PDF: the only place that knows how paper is pressed."""
