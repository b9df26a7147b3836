"""What is kept of document control."""
