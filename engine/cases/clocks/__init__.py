"""The clocks of a case: the periods of law and promise that run for it, when they stand, and what their end means."""
