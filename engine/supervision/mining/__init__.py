"""Event logs: those of other programs read, looked at and compared with a diagram; the office's own written out."""
