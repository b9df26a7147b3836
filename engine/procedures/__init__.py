"""Procedures under document control: editions, owners of lanes, what is in force."""
