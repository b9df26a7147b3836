"""Procedures that come with the product: content, not code."""
