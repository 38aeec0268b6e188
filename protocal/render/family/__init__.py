"""Account -> what hangs on a family's wall, or is carried in its pocket."""
