"""A value -> its words, and words -> a value: how figures, dates and names are written and read, in one place each."""
