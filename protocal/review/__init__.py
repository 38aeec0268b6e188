"""A protocol -> its lines as people review them, who has signed each, and what differs between two versions."""
