"""What cases and programs outside say to each other: calls on their way, their answers, messages that come."""
