"""Acting on what the watch shows: on many tasks at once, people lent to a post, corrective actions."""
