"""Departments, posts and the persons who hold them."""
