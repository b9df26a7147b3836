"""Alerts on figures: what somebody wants to be told of, looked at by itself, told once."""
