"""What stands on a course's sheet -> where it stands on the paper, in points."""
