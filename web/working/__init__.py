"""Background work: what is done while nobody looks, by whom, and how that is watched over. See README.md."""
