"""Running cases and a new edition: which of them it can take over, and taking them over."""
