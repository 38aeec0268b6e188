"""Two states of one record -> what differs between them, and what a clinician must say before the second may stand."""
