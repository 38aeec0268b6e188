"""What is to be said and a language -> its words, for paper, screens and feeds."""
