"""The record: what was done, by whom and when, chained so that no change goes unseen."""
