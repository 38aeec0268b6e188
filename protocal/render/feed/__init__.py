"""The account of every version of a plan -> a calendar feed."""
