"""A finished document and its plan -> what it has that the plan has not, or lacks. Shares nothing with its writers."""
