"""The weekly report of each department: made once, kept, sent to those who want it and may see it."""
