"""A definition as people review it: its lines, who has signed that each is right, what differs between two versions."""
