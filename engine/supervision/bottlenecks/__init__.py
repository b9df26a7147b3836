"""Where cases wait so long that it costs, told in words, with the likely cause."""
