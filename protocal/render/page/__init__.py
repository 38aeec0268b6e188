"""The entries of a reader's feed -> a web page of them, for a phone."""
