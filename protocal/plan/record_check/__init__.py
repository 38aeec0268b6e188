"""A record and its protocol -> problems at the lines of the record, before anything is planned from it."""
