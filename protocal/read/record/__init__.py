"""A patient's file -> a `Record`, and a file that has more lines in its log."""
