"""A protocol -> its lines as people review them, who has signed that each is right, what differs between two versions."""
