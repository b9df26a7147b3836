"""Where cases wait, and since when."""
