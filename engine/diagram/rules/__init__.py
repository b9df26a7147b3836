"""The rules a diagram is checked by, one module a family."""
