"""Somebody is added to a post for a time, by whoever supervises its department."""
