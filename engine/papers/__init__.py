"""Contents of papers: taken in, checked, kept outside the database by their hash, shown and made."""
