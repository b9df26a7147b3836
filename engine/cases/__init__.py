"""Cases and the tasks they put before posts."""
